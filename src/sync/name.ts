// How a structure is called in errors, findings and the task tree.

/** Such as `the mutex "till"`, or `a mutex` when it has no name. */
export function inWords(kind: string, name: string | undefined): string {
  if (name !== undefined) return `the ${kind} ${JSON.stringify(name)}`;
  return `${/^(?:[aeiou]|RW)/.test(kind) ? "an" : "a"} ${kind}`;
}
