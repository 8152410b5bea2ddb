import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnsupportedError } from "../../contract/errors.ts";
import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";

export const canRead = portable(import.meta, "claim42.canRead", (path: string): boolean => {
  try {
    return readFileSync(path, "utf8") === "secret";
  } catch {
    return false;
  }
});

export const permissions = experiment({
  id: 42,
  statement: "Isolation and security belong to processes: one with limited permissions cannot do what a thread of the program can.",
  tried: "A thread and a child process without permission for the folder read a file.",
  opposite: "The child process has the permission.",
  async run({ threads, openProcesses }, variant) {
    const folder = mkdtempSync(join(tmpdir(), "brigade-claim-"));
    const path = join(folder, "secret");
    writeFileSync(path, "secret");
    try {
      const pool = openProcesses({ size: 1, permissions: variant === "claimed" ? {} : { read: [folder] } });
      const byThread = await threads.run(canRead, path);
      return { limited: 1, readByThread: byThread ? 1 : 0, readByProcess: (await pool.run(canRead, path)) ? 1 : 0 };
    } catch (error) {
      if (error instanceof UnsupportedError) return { limited: 0, readByThread: 0, readByProcess: 0 };
      throw error;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  judge({ limited, readByThread, readByProcess }) {
    if (limited === 0) return undecided("This runtime cannot limit the permissions of a process.");
    const could = (read: number) => (read ? "could read it" : "could not read it");
    const seen = `The thread ${could(readByThread)}, the process ${could(readByProcess)}.`;
    return readByThread === 1 && readByProcess === 0 ? holds(seen) : doesNotHold(seen);
  },
});
