// A module that knows nothing of brigade.
export const greet = (name: string): string => `hello ${name}`;
export const answer = 42;

interface Runner {
  run(fn: (value: string) => string, value: string): PromiseLike<string>;
}

/** Has somebody else do it. */
export const delegate = (runners: readonly Runner[], fn: (value: string) => string, value: string): Promise<string[]> =>
  Promise.all(runners.map((runner) => runner.run(fn, value)));
