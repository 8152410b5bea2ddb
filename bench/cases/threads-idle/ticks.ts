// What is measured inside a worker: how late its timers ring.

/** Waits so often for a timer of 5 ms, one after the other; by how many µs each was late, the rounding of the platform included. */
export async function lateness(times: number): Promise<number[]> {
  const late: number[] = [];
  for (let n = 0; n < times; n++) {
    const startedMs = performance.now();
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
    late.push((performance.now() - startedMs - 5) * 1_000);
  }
  return late;
}

/** A tiny task. */
export function echo(value: number): number {
  return value;
}
