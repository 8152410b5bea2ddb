// What pools are given to do when it is the pools that are measured. Portable: workers find these by name.

/** Does nothing. */
export function nothing(): void {}

/** Gives back what it was given. */
export function echo(value: Uint8Array): Uint8Array {
  return value;
}

/** Computes for so many steps, without memory. */
export function spin(steps: number): number {
  let state = 1;
  for (let step = 0; step < steps; step++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}
