// Two workers that write at the same time, in pieces: whose line is it?
//   tagged.js LEVEL
import { isMainLevel, openProcesses, openThreads, portable, sleep } from "../../../src/runtime/index.ts";

const bytes = Buffer.from("é");

/** Writes lines in halves, to both streams in turns, with a character in two pieces, and leaves the last line without an end. */
export const mumble = portable("mumble", async (word: string, times: number) => {
  for (let line = 0; line < times; line++) {
    for (const stream of ["stdout", "stderr"] as const) process[stream].write(`${stream} ${word} `);
    await sleep(1);
    for (const stream of ["stdout", "stderr"] as const) process[stream].write(bytes.subarray(0, 1));
    await sleep(1);
    for (const stream of ["stdout", "stderr"] as const) process[stream].write(Buffer.concat([bytes.subarray(1), Buffer.from(`${line}\n`)]));
  }
  process.stdout.write(`last words of ${word}`);
});

if (isMainLevel()) {
  const open = process.argv[2] === "thread" ? openThreads : openProcesses;
  const pool = open({ size: 2, name: "w", stdio: "tag" });
  await pool.warm();
  await Promise.all(["one", "two"].map((word) => pool.run(mumble, word, 20)));
  await pool.close();
}
