// A module that knows nothing of brigade.
export const greet = (name: string): string => `hello ${name}`;
export const answer = 42;
