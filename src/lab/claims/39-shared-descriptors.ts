import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";

const content = "what the descriptor is of";
/** The first descriptor that a child can inherit beside input, output and errors. */
const inherited = 3;

/** True when this descriptor is of that file here. */
export const readsIt = portable(import.meta, "claim39.readsIt", (descriptor: number): boolean => {
  const bytes = Buffer.alloc(content.length);
  try {
    readSync(descriptor, bytes, 0, bytes.length, 0);
  } catch {
    return false;
  }
  return bytes.toString() === content;
});

export const sharedDescriptors = experiment({
  id: 39,
  statement: "Threads share the resources of their process, such as an open file; processes do not.",
  tried: "The program opens a file; a thread and a child process read from the descriptor's number.",
  opposite: "The child process is made to inherit the descriptor.",
  async run({ threads, processes }, variant) {
    const folder = mkdtempSync(join(tmpdir(), "brigade-claim-"));
    const path = join(folder, "file");
    writeFileSync(path, content);
    await processes.warm(1);
    const descriptor = openSync(path, "r");
    try {
      const byThread = await threads.run(readsIt, descriptor);
      const byProcess = variant === "claimed" ? await processes.run(readsIt, descriptor) : await heirReads(descriptor);
      return { readByThread: byThread ? 1 : 0, readByProcess: byProcess ? 1 : 0 };
    } finally {
      closeSync(descriptor);
      rmSync(folder, { recursive: true, force: true });
    }
  },
  judge({ readByThread, readByProcess }) {
    const could = (read: number) => (read ? "could read" : "could not read");
    const seen = `The thread ${could(readByThread)} from it, the process ${could(readByProcess)} from it.`;
    return readByThread === 1 && readByProcess === 0 ? holds(seen) : doesNotHold(seen);
  },
});

async function heirReads(descriptor: number): Promise<boolean> {
  const source = `process.exit(require("node:fs").readFileSync(${inherited}, "utf8") === ${JSON.stringify(content)} ? 0 : 1)`;
  const child = spawn(execPath, ["-e", source], { stdio: ["ignore", "ignore", "ignore", descriptor] });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
}
