// What workers are given to do when it is the workers that are measured. Portable: they find these by name.

/** Does nothing; its answer says that the worker is there. */
export function nothing(): void {}

/** Gives back what it was given. */
export function echo(value: Uint8Array): Uint8Array {
  return value;
}

/** Computes: the same steps each time, on integers, in registers. Returns a figure that depends on all of them. */
export function compute(steps: number): number {
  let state = steps | 1;
  for (let n = 0; n < steps; n++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}
