// Seed: "Processes, Threads, Coroutines, and async", told there in words: "if two coroutines are calculating matrices, and the
// previous coroutine is waiting for a new matrix to be input, since it cannot calculate anyway at that time, it will run the next
// coroutine to let it compute first." One thread does both.
//
//   async def previous():                        async def following():
//       async for m in matrices():                   for n in range(2, 6):
//           print("A computes", m @ m)                   power = power @ m
//                                                        await asyncio.sleep(0)
//   await asyncio.gather(previous(), following())
//
// The matrices arrive by themselves, one a second; with `-` as argument they are read from stdin, one `[[1,2],[3,4]]` a line.
import { createInterface } from "node:readline";
import { all, checkpoint, sleep } from "brigade";

type Matrix = readonly (readonly number[])[];

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 1_000);

async function* matrices(): AsyncGenerator<Matrix> {
  if (process.argv[2] === "-") {
    let number = 0;
    for await (const line of createInterface({ input: process.stdin })) yield parseMatrix(line, ++number);
    return;
  }
  for (const n of [1, 2]) {
    await sleep(ms);
    yield [
      [n, 1],
      [0, n],
    ];
  }
}

function parseMatrix(line: string, number: number): Matrix {
  try {
    const matrix: unknown = JSON.parse(line);
    if (Array.isArray(matrix) && matrix.every((row) => row.length === matrix.length && row.every(Number.isFinite))) return matrix;
  } catch {
    // Neither JSON nor rows of numbers: said below.
  }
  throw new RangeError(`line ${number} of stdin is no square matrix such as [[1,2],[3,4]]: ${line}`);
}

function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => b.map((_, j) => row.reduce((sum, x, k) => sum + x * (b[k]?.[j] ?? 0), 0)));
}

async function previous(): Promise<void> {
  console.log("A waits for a matrix");
  for await (const matrix of matrices()) {
    console.log(`A computes ${JSON.stringify(multiply(matrix, matrix))}`);
    console.log("A waits for a matrix");
  }
  console.log("A has no more input");
}

async function following(): Promise<void> {
  const matrix: Matrix = [
    [1, 1],
    [1, 0],
  ];
  let power = matrix;
  for (let n = 2; n <= 5; n++) {
    power = multiply(power, matrix);
    console.log(`B computes power ${n}: ${JSON.stringify(power)}`);
    await checkpoint(); // lets A go on if its matrix has come
  }
  console.log("B has finished");
}

await all([previous, following]);
