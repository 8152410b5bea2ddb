// The capability table: what a level does not have, and why that is physics and not neglect. A case is skipped on a level
// only when it needs something that this table denies to the level; every other skip counts as a failure.

export const levels = ["serial", "coroutine", "thread", "process"] as const;
/** One of the four levels. */
export type TestLevel = (typeof levels)[number];

/** Where the suite runs: a level, the executor that chooses between coroutines and threads, or a thread or process executor that `BRIGADE_LEVEL` has replaced. */
export type Place = TestLevel | "auto" | "in-place-serial" | "in-place-coroutines";

/** Both replacements at once, in the table; `auto` lacks what coroutines lack. */
type Row = Partial<Record<Exclude<Place, "auto"> | "in-place", string>>;

const callersThread = "work runs on the caller's own thread";

/** For each capability the places that lack it, with the reason. */
export const lacking = {
  /** Two tasks run at the same time. */
  parallel: {
    serial: "one at a time is what serial means",
    "in-place-serial": "BRIGADE_LEVEL=serial runs one at a time",
  },
  /** Workers of its own: setup, teardown, recycling, idle timeout, spare, loss and replacement. */
  workers: {
    serial: `${callersThread}: there is no worker to set up, recycle, lose or replace`,
    coroutine: `${callersThread}: there is no worker to set up, recycle, lose or replace`,
    "in-place": `${callersThread}: there is no worker to set up, recycle, lose or replace`,
  },
  /** Running code can be interrupted, and ended by force. */
  preemption: {
    serial: `${callersThread}, which nothing can interrupt`,
    coroutine: `${callersThread}, which nothing can interrupt`,
    "in-place": `${callersThread}, which nothing can interrupt`,
  },
  /** `process.exit` in a task ends the task's worker only. */
  exitContainment: {
    serial: `${callersThread}: process.exit is the program's own`,
    coroutine: `${callersThread}: process.exit is the program's own`,
    "in-place": `${callersThread}: process.exit is the program's own`,
  },
  /** An error outside any task (a stray rejection, a timer that throws) ends the worker only. */
  strayContainment: {
    serial: `${callersThread}: a stray error is the program's own`,
    coroutine: `${callersThread}: a stray error is the program's own`,
    "in-place": `${callersThread}: a stray error is the program's own`,
  },
  /** Running out of memory ends the worker only. */
  memoryContainment: {
    serial: `${callersThread} and in its heap`,
    coroutine: `${callersThread} and in its heap`,
    "in-place": `${callersThread} and in its heap`,
  },
  /** `process.abort` and native crashes end the worker only. */
  crashContainment: {
    serial: "a crash ends the process, and this is the caller's process",
    coroutine: "a crash ends the process, and this is the caller's process",
    thread: "a crash ends the process, which all threads share; Node refuses process.abort on threads",
    "in-place": "a crash ends the process, and this is the caller's process",
  },
  /** Arguments and results are copies. */
  copies: {
    serial: "local levels pass references",
    coroutine: "local levels pass references",
  },
  /** The far side has its own instances of modules. */
  ownModules: {
    serial: `${callersThread}, in the modules that are loaded there`,
    coroutine: `${callersThread}, in the modules that are loaded there`,
    "in-place": `${callersThread}, in the modules that are loaded there`,
  },
  /** A SharedArrayBuffer reaches the task as the same memory. */
  sharedMemory: {
    process: "a child process has memory of its own",
    "in-place": "as far as the level that is replaced has it, and no further",
  },
  /** `joinSync`. */
  blockingJoin: {
    serial: "the task needs the thread that would block",
    coroutine: "the task needs the thread that would block",
    "in-place": "the task needs the thread that would block",
  },
  /** The system can signal the worker. */
  workerPid: {
    serial: "the worker is the caller's own process",
    coroutine: "the worker is the caller's own process",
    thread: "a thread has no process id",
    "in-place": "the worker is the caller's own process",
  },
  /** Processor time of one task. */
  cpuTime: {
    serial: "tasks of one thread share its processor time",
    coroutine: "tasks of one thread share its processor time",
    thread: "this Node cannot tell the processor time of a thread (before 22.19)",
    "in-place": "tasks of one thread share its processor time",
  },
} as const satisfies Record<string, Row>;

/** Something that not every level has. */
export type Capability = keyof typeof lacking;

/** Whether `BRIGADE_LEVEL` has replaced the level. */
export function isInPlace(place: Place): boolean {
  return place.startsWith("in-place");
}

/** Why a place lacks something; `undefined` when it has it. */
export function lackOf(place: Place, capability: Capability): string | undefined {
  if (capability === "cpuTime" && place === "thread" && "threadCpuUsage" in process) return undefined;
  if (capability === "workerPid" && process.platform === "win32") return "Windows has no signals";
  if (capability === "blockingJoin" && place === "process" && process.platform === "win32")
    return "a pipe of Windows cannot be read while its event loop stands still";
  const row: Row = lacking[capability];
  if (place === "auto") return row.coroutine;
  return row[place] ?? (isInPlace(place) ? row["in-place"] : undefined);
}

/** Why a case that needs these is skipped at a place; `undefined` when it runs. */
export function skipReason(place: Place, needs: readonly Capability[] = []): string | undefined {
  for (const capability of needs) {
    const reason = lackOf(place, capability);
    if (reason !== undefined) return `${place} lacks ${capability}: ${reason}`;
  }
  return undefined;
}
