// Census: every thread and child process that this program has started and that has not ended. Counted from the platform's own
// announcements, not from brigade's books, so that a worker which brigade forgot is still found.
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { readdirSync, readlinkSync } from "node:fs";
import type { Worker } from "node:worker_threads";

const threads = new Set<Worker>();
const children = new Set<ChildProcess>();

process.on("worker", (worker) => {
  threads.add(worker);
  worker.once("exit", () => threads.delete(worker));
});
subscribe("child_process", (message) => {
  const { process: child } = message as { process: ChildProcess };
  children.add(child);
  child.once("exit", () => children.delete(child));
  child.once("error", () => children.delete(child));
});

/** One per program, by design: it outlives the pools, since it has to outlive the program. */
const isReaper = (child: ChildProcess): boolean => child.spawnargs?.includes("brigade-reaper") === true;

/** What lives now. */
export function living(): readonly (Worker | ChildProcess)[] {
  return [...threads, ...[...children].filter((child) => child.pid !== undefined && !isReaper(child))];
}

/** What the open descriptors of this program are, sorted; empty where the system does not say. Files of modules are left out:
 *  a thread that is ended by force while it imports leaves them to the platform, which does not close them. */
export function openDescriptors(): string[] {
  try {
    const open = readdirSync("/proc/self/fd").map(describeDescriptor);
    return open.filter((path) => !/\.(js|json)$/.test(path)).sort();
  } catch {
    return [];
  }
}

/** The kind of a descriptor: what tells a leak, without the numbers that differ from one to the next. */
function describeDescriptor(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/g, "n");
  } catch {
    // The one that listed the folder.
    return "gone";
  }
}

/** Members of `now` beyond those of `first`. */
export function beyond(first: readonly string[], now: readonly string[]): string[] {
  const left = [...first];
  return now.filter((name) => {
    const place = left.indexOf(name);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

/** What keeps this program alive. */
export function activeResources(): string[] {
  // Timers are the test runner's (its own time limits) as much as brigade's; a leaked one would keep this program from ending,
  // which the time limit of every run notices. Requests (a file, a close) end by themselves.
  return process.getActiveResourcesInfo().filter((name) => !/^(Timeout|Immediate|.*Req|.*ReqCallback|.*ReqPromise)$/.test(name));
}
