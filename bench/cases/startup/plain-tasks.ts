// Tasks of a module that imports nothing: a worker that takes over has to load it, and should not load more.

/** Adds. */
export const add = (a: number, b: number): number => a + b;

/** Keeps its worker busy until it is cancelled: blocks nothing, ends never. */
export const occupy = (): Promise<never> => new Promise(() => setInterval(() => {}, 60_000));

/** Ends the worker that it runs on. */
export const die = (): never => process.exit(1);
