// A module that cannot be imported.
export const never = (): string => "never";
throw new RangeError("not today");
