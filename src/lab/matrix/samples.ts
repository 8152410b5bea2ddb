// Samples of something short: batches long enough for the clock, after a warm-up of the same length that compiles and fills caches.

/** Runs `n` operations in a row. */
export type Batch = (n: number) => void | Promise<void>;

const batches = 9;
const mostOperations = 1 << 20;

/** Microseconds of one operation, in up to 9 samples that take `timeMs` in all, the warm-up as long. Rejects as `run` does. */
export async function microseconds(run: Batch, timeMs: number): Promise<number[]> {
  const batchMs = timeMs / batches;
  let size = 1;
  let spentMs = 0;
  // doubles until a batch is long enough; what is slow by nature stays at one operation a batch
  for (let tookMs = 0; ; size *= 2) {
    tookMs = await time(run, size);
    spentMs += tookMs;
    if (tookMs >= batchMs || size >= mostOperations) break;
    if (tookMs > 0.2 && spentMs >= timeMs / 2) {
      size = Math.min(mostOperations, Math.max(1, Math.round((size * batchMs) / tookMs)));
      break;
    }
  }
  while (spentMs < timeMs) spentMs += await time(run, size);
  const samples: number[] = [];
  for (let takenMs = 0; samples.length < batches && (samples.length < 3 || takenMs < timeMs); ) {
    const tookMs = await time(run, size);
    takenMs += tookMs;
    samples.push((tookMs * 1000) / size);
  }
  return samples;
}

/** Microseconds that one operation of `more` takes longer than one of `less`, in pairs taken side by side, so that what slows the machine
 *  slows both; `timeMs` in all. A difference may come out below 0, where it is smaller than the noise. */
export async function added(less: Batch, more: Batch, timeMs: number): Promise<number[]> {
  // compiled, and long enough to be timed
  let size = 1;
  for (let spentMs = 0; spentMs < timeMs / 2 && size < mostOperations; ) {
    const tookMs = (await time(less, size)) + (await time(more, size));
    spentMs += tookMs;
    if (tookMs >= timeMs / batches) break;
    size *= 2;
  }
  const samples: number[] = [];
  for (let takenMs = 0; samples.length < batches && (samples.length < 3 || takenMs < timeMs); ) {
    const [lessMs, moreMs] = [await time(less, size), await time(more, size)];
    takenMs += lessMs + moreMs;
    samples.push(((moreMs - lessMs) * 1000) / size);
  }
  return samples;
}

async function time(run: Batch, n: number): Promise<number> {
  const startedMs = performance.now();
  // no tick of the loop for what is done when it returns
  const running = run(n);
  if (running !== undefined) await running;
  return performance.now() - startedMs;
}
