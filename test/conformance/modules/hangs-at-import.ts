// A module whose import never ends.
export const never = (): string => "never";
setInterval(() => {}, 1_000_000).unref();
await new Promise<never>(() => {});
