// A child's place in the system's order. On Linux there are two of them: within a session by `nice`, and between sessions by the nice of the
// *autogroup* (`man 7 sched`, "The autogroup feature"). A child has a session of its own, so that a closed terminal and its own children can be
// dealt with; where sessions share the processors evenly, its nice alone would put it behind nobody.
import { writeFile } from "node:fs";
import { UnsupportedError } from "../../contract/errors.ts";

/** The kernel takes one such change in 100 ms from those without privileges, and says EAGAIN to the rest. */
const againMs = 120;
const mostTries = 50;

/** Sets the priority of a child that has just been started; returns why that is not possible. Never waits. */
export function setPriorityOf(pid: number, nice: number): UnsupportedError | undefined {
  try {
    process.getBuiltinModule("node:os").setPriority(pid, nice);
  } catch (cause) {
    const why = (cause as Error).message;
    const message = `nice: the priority ${nice} cannot be set (${why}); -20 to 19 are possible, and below 0 only with privileges.`;
    return new UnsupportedError(message, "nice", { cause });
  }
  if (process.platform === "linux") setGroup(pid, nice, mostTries);
  return undefined;
}

/** Kernels without the feature have no such file; a child that is gone has none either. */
function setGroup(pid: number, nice: number, tries: number): void {
  writeFile(`/proc/${pid}/autogroup`, String(nice), (error) => {
    if (error?.code === "EAGAIN" && tries > 1) setTimeout(() => setGroup(pid, nice, tries - 1), againMs).unref();
  });
}
