// What the tests of pipes, sockets and descriptors share.
import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Pipes find each other through /proc. */
export const here = process.platform === "linux";

/** What this process has open, by what the system calls it. */
export function descriptors(): string[] {
  const found: string[] = [];
  for (const name of readdirSync("/proc/self/fd")) {
    try {
      found.push(readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      // The one that lists them.
    }
  }
  return found;
}

/** Descriptors of the files that openPipe makes. */
export const ofPipes = (): number => descriptors().filter((path) => path.includes("brigade-pipe-")).length;

/** Waits until something is so; false when it is not within `withinMs`. */
export async function eventually(isSo: () => boolean, withinMs = 10_000): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > end) return false;
    await sleep(5);
  }
  return true;
}
