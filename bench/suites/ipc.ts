// Values between two processes, by each of the ways that there are.
import { type Case, type Subject, type Suite, subjectsOf } from "./suite.ts";

const { brigade, limit } = subjectsOf("ipc");

/** Another way of brigade's than the first, which is the pipe. */
const other = (name: string, workload: string): Subject => ({ ...brigade(), name: `brigade: ${name}`, role: "rival", workload });

const of = (id: string, what: string, size: number): Case => ({
  id,
  what,
  unit: "ns",
  better: "lower",
  sizes: [size],
  subjects: [brigade(), other("socket", `${id}-socket`), other("ring in shared memory", `${id}-ring`), limit("fork IPC, advanced", id)],
  goals: [],
});

export const ipc: Suite = {
  name: "ipc",
  cases: [
    of("round-trip", "a number to another process and back, one at a time; per round trip", 500),
    of("record", "small records to another process; per value", 5_000),
    of("1MB", "1 MB of bytes to another process; per value", 50),
  ],
};
