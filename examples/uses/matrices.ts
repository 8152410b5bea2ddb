// Use: number crunching. Two matrices are multiplied in blocks of rows, on threads and in processes, beside one thread alone.
//
//   node --import tsx examples/uses/matrices.ts [size]
//
// Threads read the matrices where they lie, in common memory; processes are sent a copy. The same function does both, so what differs is the
// price of the trip.
import { availableParallelism } from "node:os";
import { type Executor, isMainLevel, openProcesses, openThreads, portable, serial } from "brigade";

/** Rows `from` to `to` of the product of two square matrices. */
export const multiplyRows = portable(
  "multiplyRows",
  (a: Float64Array, b: Float64Array, size: number, from: number, to: number): Float64Array => {
    const rows = new Float64Array((to - from) * size);
    for (let i = from; i < to; i++) {
      for (let k = 0; k < size; k++) {
        const factor = a[i * size + k] as number;
        for (let j = 0; j < size; j++)
          rows[(i - from) * size + j] = (rows[(i - from) * size + j] as number) + factor * (b[k * size + j] as number);
      }
    }
    return rows;
  },
);

async function multiply(executor: Executor, a: Float64Array, b: Float64Array, size: number, blocks: number): Promise<Float64Array> {
  const edges = Array.from({ length: blocks + 1 }, (_, n) => Math.round((n * size) / blocks));
  const parts = await Promise.all(edges.slice(1).map((to, n) => executor.run(multiplyRows, a, b, size, edges[n] as number, to)));
  const product = new Float64Array(size * size);
  let at = 0;
  for (const part of parts) {
    product.set(part, at);
    at += part.length;
  }
  return product;
}

if (isMainLevel()) {
  const size = Number(process.argv[2] ?? 500);
  if (!(Number.isSafeInteger(size) && size >= 2)) {
    console.error(`size must be a whole number of at least 2, not ${process.argv[2]}`);
    process.exit(2);
  }
  const fill = (seed: number) => {
    const matrix = new Float64Array(new SharedArrayBuffer(8 * size * size));
    for (let n = 0; n < matrix.length; n++) matrix[n] = ((n * seed) % 17) - 8;
    return matrix;
  };
  const shared = [fill(7), fill(11)] as const;
  const own = [new Float64Array(shared[0]), new Float64Array(shared[1])] as const;
  const cores = availableParallelism();
  await using threads = openThreads({ size: cores, name: "thread" });
  await using processes = openProcesses({ size: cores, name: "process" });

  console.log(`${size} × ${size}, ${cores} processors`);
  let expected: Float64Array | undefined;
  let aloneMs = 0;
  for (const [name, executor, [a, b], blocks] of [
    ["serial", serial, shared, 1],
    ["threads", threads, shared, cores],
    ["processes", processes, own, cores],
  ] as const) {
    await multiply(executor, a, b, size, blocks); // for the compiler, and to start the workers
    const start = performance.now();
    const product = await multiply(executor, a, b, size, blocks);
    const ms = performance.now() - start;
    expected ??= product;
    if (name === "serial") aloneMs = ms;
    const equal = product.every((value, n) => value === expected?.[n]);
    console.log(`${name.padEnd(10)}${ms.toFixed(0).padStart(6)} ms   ${(aloneMs / ms).toFixed(2)}×   ${equal ? "equal" : "DIFFERENT"}`);
    if (!equal) process.exitCode = 1;
  }
}
