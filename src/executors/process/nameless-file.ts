// Files without a name: memory of the system that a child inherits by its descriptor. Nobody can find them, and nothing is left behind,
// whoever crashes: they end with the last descriptor.
import { openSync, unlinkSync } from "node:fs";
import { join } from "node:path";

/** Where files lie in memory, on Linux. */
export const memoryFolder = "/dev/shm";

let files = 0;

/** Opens a fresh file in a folder and takes its name away; `undefined` when the folder is not there, not allowed, or full. */
export function openNamelessFile(folder: string): number | undefined {
  const name = join(folder, `brigade-${process.pid}-${++files}-${Math.random().toString(36).slice(2)}`);
  try {
    // Exclusive, so that no link laid there by somebody else is followed; for this user alone.
    const fd = openSync(name, "wx+", 0o600);
    unlinkSync(name);
    return fd;
  } catch {
    return undefined;
  }
}
