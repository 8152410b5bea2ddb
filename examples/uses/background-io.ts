// Use: I/O in the background. A thread of its own writes a log to a file, in batches, while this one goes on; the lines go to it through a channel
// that holds only so many, so a slow disk slows the writers down instead of filling the memory.
//
//   node --import tsx examples/uses/background-io.ts FILE [lines]
import { open } from "node:fs/promises";
import { Channel, isMainLevel, portable, type Receiver, threads } from "brigade";

/** Appends lines to a file until the channel is closed; returns how often it wrote. Lines that are waiting are written together. */
export const writeLog = portable("writeLog", async (path: string, lines: Receiver<string>): Promise<{ lines: number; writes: number }> => {
  const file = await open(path, "a");
  const done = { lines: 0, writes: 0 };
  try {
    for await (const first of lines) {
      const batch = [first];
      while (batch.length < 1_000) {
        const next = lines.tryReceive();
        if (next === undefined) break;
        batch.push(next);
      }
      await file.appendFile(`${batch.join("\n")}\n`);
      done.lines += batch.length;
      done.writes++;
    }
  } finally {
    await file.close(); // also when it is cancelled, or the disk is full
  }
  return done;
});

if (isMainLevel()) {
  const [path, count = "20000"] = process.argv.slice(2);
  if (path === undefined || !/^\d+$/.test(count)) {
    console.error("usage: background-io FILE [lines]");
    process.exit(2);
  }
  const log = new Channel<string>(1_024, { name: "log" });
  const writer = threads.spawn(writeLog, path, log.receiver());
  let longestMs = 0;
  for (let n = 0; n < Number(count); n++) {
    const start = performance.now();
    await log.send(`${new Date(0).toISOString()} order ${n} served`); // waits when the disk is behind
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  log.close();
  const { lines, writes } = await writer;
  console.log(`${lines} lines in ${writes < lines ? "fewer" : "as many"} writes; everything is on disk`);
  if (lines !== Number(count)) process.exitCode = 1;
}
