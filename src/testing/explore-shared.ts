// Every interleaving of threads over shared memory, on one thread: the model checker behind brigade's own locks. How it works
// stands in the files of shared/, from the memory upwards: modelled-memory, stand-ins, thread-log, search.
//
// What it proves: within the bound, and for memory that is sequentially consistent, which JavaScript's is for programs without data
// races. Plain accesses are taken in program order; a program that has races may see more in reality.

import { checkCount } from "../core/durations.ts";
import { currentAtomics } from "../memory/atomics.ts";
import { formatSchedule, type Schedule, stepsOf } from "./schedule.ts";
import { ModelledMemory } from "./shared/modelled-memory.ts";
import { Search } from "./shared/search.ts";
import { StandIns } from "./shared/stand-ins.ts";
import { ThreadLogs } from "./shared/thread-log.ts";

/** Bounds of a search. */
export interface ExploreOptions {
  /** Switches away from a thread that could go on, per run; default 2. */
  readonly preemptions?: number | undefined;
  /** Gives up after this many runs, leaving `complete` false. */
  readonly maxRuns?: number | undefined;
}

/** What a search found. */
export interface Exploration {
  /** Interleavings that were carried through to their end. */
  readonly runs: number;
  /** States that differ, however they were reached. */
  readonly states: number;
  /** Every interleaving within the bound was tried. */
  readonly complete: boolean;
  readonly failure: { readonly error: unknown; readonly schedule: Schedule } | undefined;
}

/** The event loop gets a turn this often. */
const sliceMs = 50;
/** Steps between two looks at the clock. */
const stepsPerLook = 256;

/** Tries every interleaving of the bodies as threads over modelled shared memory; then `check` must not throw. Each body runs
 *  against a state of its own, made by `setup`, as each thread has its own copy of an argument; what they share are the
 *  `SharedArrayBuffer`s that `setup` makes. Accesses to them are the steps, plain ones too. Bodies are synchronous, do the same each
 *  time, and are run again and again, stopped at each step: what they do elsewhere is done often. Their clock moves only when a wait
 *  times out. A body that throws, a `check` that throws, and a state in which nobody can go on (`DeadlockError`) end the search as
 *  its `failure`. Parks the task; gives the event loop turns meanwhile. Rejects with what `setup` throws.
 *
 *  @example
 *  ```ts
 *  const setup = () => new Int32Array(new SharedArrayBuffer(4));
 *  const increment = (words: Int32Array) => {
 *    words[0] = (words[0] ?? 0) + 1; // a read and a write
 *  };
 *  const { failure } = await exploreShared(setup, [increment, increment], (words) => {
 *    if (words[0] !== 2) throw new Error("an increment was lost");
 *  });
 *  console.log(failure?.schedule); // brg1:0.1x2.0
 *  ```
 */
export async function exploreShared<S>(
  setup: () => S,
  bodies: readonly ((state: S) => void)[],
  check: (state: S) => void,
  options?: ExploreOptions,
): Promise<Exploration> {
  const bound = checkCount("The option preemptions", options?.preemptions ?? 2, 0, true);
  const maxRuns = checkCount("The option maxRuns", options?.maxRuns ?? Number.POSITIVE_INFINITY, 1, true);
  const search = openSearch(setup, bodies, check, bound);
  let more = true;
  while (more && search.runs < maxRuns) {
    const until = performance.now() + sliceMs;
    while (more && search.runs < maxRuns && performance.now() < until) {
      for (let step = 0; more && step < stepsPerLook && search.runs < maxRuns; step++) more = search.advance();
    }
    if (more) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const { runs, states, failure } = search;
  return {
    runs,
    states,
    complete: !more && failure === undefined,
    failure: failure && { error: failure.error, schedule: formatSchedule(failure.steps) },
  };
}

/** Runs one interleaving of `exploreShared` again, for the debugger or as a regression test: throws what failed, and nothing when
 *  nothing does any more. `TypeError` when the schedule does not fit the code. Never waits.
 *
 *  @example
 *  ```ts
 *  const setup = () => new Int32Array(new SharedArrayBuffer(4));
 *  const increment = (words: Int32Array) => void Atomics.add(words, 0, 1);
 *  replayShared(setup, [increment, increment], (words) => console.log(words[0]), parseSchedule("brg1:0.1")); // 2
 *  ```
 */
export function replayShared<S>(
  setup: () => S,
  bodies: readonly ((state: S) => void)[],
  check: (state: S) => void,
  schedule: Schedule,
): void {
  const search = openSearch(setup, bodies, check, Number.POSITIVE_INFINITY);
  search.follow(stepsOf(schedule));
  if (search.failure !== undefined) throw search.failure.error;
}

function openSearch<S>(setup: () => S, bodies: readonly ((state: S) => void)[], check: (state: S) => void, bound: number): Search<S> {
  for (const [name, value] of Object.entries({ setup, check, ...bodies })) {
    if (typeof value !== "function") throw new TypeError(`exploreShared(setup, bodies, check): ${name} must be a function.`);
  }
  const real = currentAtomics();
  const memory = new ModelledMemory(real);
  const standIns = new StandIns(memory, real);
  const prepared = (): S => {
    memory.rewind();
    return setup();
  };
  standIns.around(prepared);
  const initial = memory.seal();
  const checkMemory = (bytes: Uint8Array) =>
    standIns.around(() => {
      const state = prepared();
      memory.expose(bytes);
      check(state);
    });
  return new Search(memory, new ThreadLogs(standIns, prepared, bodies), initial, checkMemory, bodies.length, bound);
}
