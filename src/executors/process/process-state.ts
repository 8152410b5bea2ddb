// What the operating system says of a process: whether it is stopped, and how a dead one died whose parent has not asked yet. Linux
// only: elsewhere that takes another program (`ps`), which nobody wants started every half second.
import { readFileSync } from "node:fs";

/** One look at a process. */
export interface ProcessState {
  /** `stopped`: by a signal, and a debugger has no part in it. `dead`: it has ended; the rest of its fields is gone. */
  readonly condition: "runs" | "stopped" | "dead";
  /** Processor time, in ticks of the system's clock. */
  readonly cpuTicks: number;
  /** How it ended, when it has and the system tells. */
  readonly exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
}

/** A look at a child of this process; `undefined` where the system does not say. Never waits. */
export function stateOf(pid: number): ProcessState | undefined {
  if (process.platform !== "linux") return undefined;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Refused (a hidden /proc) is not gone.
    return code === "ENOENT" || code === "ESRCH" ? { condition: "dead", cpuTicks: 0, exit: undefined } : undefined;
  }
  // The name in parentheses may hold anything; the fields behind it are counted from the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  const letter = fields[0];
  if (letter === "Z" || letter === "X") return { condition: "dead", cpuTicks: 0, exit: exitOf(field(52)) };
  return { condition: letter === "T" ? "stopped" : "runs", cpuTicks: field(14) + field(15), exit: undefined };
}

/** The two halves of a wait status. */
function exitOf(status: number): ProcessState["exit"] {
  if (!Number.isInteger(status)) return undefined;
  const number = status & 127;
  if (number === 0) return { code: status >> 8, signal: null };
  const signal = Object.entries(process.getBuiltinModule("node:os").constants.signals).find(([, value]) => value === number)?.[0];
  return { code: null, signal: (signal ?? null) as NodeJS.Signals | null };
}
