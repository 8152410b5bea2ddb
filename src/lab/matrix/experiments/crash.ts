// What goes when a unit goes: a unit really crashes beside another one, and then the other one and the program are asked.
import type { Portable } from "../../../contract/portable.ts";
import type { Ending, Experiment, MatrixHost, MatrixLevel, Observation } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";

/** Ways to crash, from mild to hard. */
export const crashes = {
  throw: { task: "fail", title: "an exception", waitMs: 5_000 },
  exit: { task: "exit", title: "process.exit()", waitMs: 5_000 },
  "out-of-memory": { task: "exhaust", title: "no memory left", waitMs: 15_000 },
  abort: { task: "abort", title: "process.abort()", waitMs: 5_000 },
  segfault: { task: "segfault", title: "a memory fault", waitMs: 5_000 },
} as const;
export type CrashKind = keyof typeof crashes;

const heapMB = 32;

/** Tries one kind. Figure: `survives`, 1 when the other unit and the program answer afterwards. */
export function crash(kind: CrashKind): Experiment {
  const { task, title, waitMs } = crashes[kind];
  return {
    id: `crash-${kind}`,
    title: `what survives ${title}`,
    levels: matrixLevels,
    once: true,
    crashes: true,
    silenceMs: waitMs,
    // the heap that a coroutine fills is the program's
    flags: (level) => (kind === "out-of-memory" && level === "coroutine" ? [`--max-old-space-size=${heapMB}`] : []),
    run: (level, host) => crashBeside(level, host, task),
    ended: (_, ending) => takesAll(ending),
  };
}

async function crashBeside(level: MatrixLevel, host: MatrixHost, task: (typeof crashes)[CrashKind]["task"]): Promise<Observation> {
  // coroutines are of one loop; threads and processes each of a pool of their own
  const [victim, neighbour] = [host.open({ memoryMB: level === "coroutine" ? undefined : heapMB }), host.open()];
  await Promise.all([victim.run(host.tasks.nothing), neighbour.run(host.tasks.nothing)]);
  const working = neighbour.run(host.tasks.compute, 50_000_000);
  await host.announceDanger();
  const error: unknown = await Promise.resolve(victim.run(host.tasks[task] as Portable<() => unknown>)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) throw new RangeError(`"${task}" returned, so nothing has crashed.`);
  await working;
  await neighbour.run(host.tasks.nothing);
  return { figures: { survives: [1] }, words: { survives: `only its own task fails, with ${nameOf(error)}` } };
}

/** The platform refuses some of it in threads, which its code tells and its class does not. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined || code.startsWith("ERR_BRIGADE") ? error.name : code;
}

function takesAll({ how, status }: Ending): Observation {
  return { figures: { survives: [0] }, words: { survives: how === "died" ? `the program ends: ${status}` : "the program stands still" } };
}
