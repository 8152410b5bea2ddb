// What the children of the tests of payloads do.
import { writeSync } from "node:fs";
import { currentTask, openProcesses, portable, transfer } from "brigade";

export const echo = portable("echo", (value: unknown) => value);

/** The same bytes from a child of the child. */
export const echoBelow = portable("echoBelow", async (bytes: Uint8Array) => {
  await using pool = openProcesses({ size: 1 });
  return await pool.run(echo, bytes);
});

export const moved = portable("moved", (bytes: Uint8Array<ArrayBuffer>) => transfer(bytes, [bytes.buffer]));

/** Changes its argument and the result after it has been returned. */
export const spoil = portable("spoil", (bytes: Uint8Array) => {
  setImmediate(() => bytes.fill(255));
  return bytes;
});

export const reporting = portable("reporting", (lengths: readonly number[]) => {
  for (const length of lengths) {
    const bytes = new Uint8Array(length).fill(length & 255);
    currentTask()?.report(bytes);
    bytes.fill(0);
  }
});

export const yielding = portable("yielding", function* (lengths: readonly number[]) {
  for (const length of lengths) {
    const bytes = new Uint8Array(length).fill(length & 255);
    yield bytes;
    bytes.fill(0);
  }
});

export const kill = portable("kill", () => process.kill(process.pid, "SIGKILL"));

/** Holds its thread for so long. */
export const spin = portable("spin", (ms: number) => {
  for (const end = performance.now() + ms; performance.now() < end; );
  return "spun";
});

/** Says that bytes lie where none do. */
export const lie = portable("lie", (place: number, length: number) => {
  const frame = Buffer.alloc(21);
  frame.writeUInt32LE(17, 0);
  frame[4] = 6;
  frame.writeDoubleLE(place, 5);
  frame.writeDoubleLE(length, 13);
  writeSync(3, frame);
  return new Promise<never>(() => {});
});
