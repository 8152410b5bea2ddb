// A module that ends its program when it is imported.
export const never = (): string => "never";
process.exit(4);
