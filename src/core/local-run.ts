// Running code on this thread inside its task: what serial tasks, coroutines, group children and, in a worker, every task share.
//
// A coroutine costs its task, the promise of its own function, and two reactions: one that enters it and one that settles it.
// Both reactions are shared functions, without a closure per task:
// - Entering. Tasks that start on the next tick come in *rounds* of a few. Each hangs a reaction on the round's promise where it
//   was submitted, so the platform keeps the async context of the submission (the stores of other libraries included); the
//   reactions of one promise run in the order in which they were added, so the round's list says whose turn it is.
// - Settling. The reaction is added inside the task's context and so finds its task there.
// Between two rounds the time slice is asked: a million tasks that are ready do not keep timers and sockets waiting.
import { callInScope, currentStore, enterContext, prepareContext, runInScope, runOutside } from "./context.ts";
import { Settlement } from "./settlement.ts";
import type { ScopedTask } from "./task.ts";
import { sliceSpent } from "./time-slice.ts";

/** Enters the code of a task and settles it with what comes out; nothing when it settled on the way in. */
export function runCode<T>(task: ScopedTask<T>, call: () => unknown, onReturned?: () => void, worker?: string): void {
  if (task.settled) {
    onReturned?.();
    return;
  }
  task.started(worker);
  try {
    const result = runInScope(task, () => adopted(call()));
    if (result instanceof Promise) {
      result.then(
        (value) => {
          task.succeed(value);
          onReturned?.();
        },
        (error: unknown) => {
          task.fail(error);
          onReturned?.();
        },
      );
      return;
    }
    task.succeed(result as T);
  } catch (error) {
    task.fail(error);
  }
  onReturned?.();
}

/** What was returned, a foreign thenable as a promise. Inside the scope and inside the `try`: its `then` is code of the task, and it
 *  may be a proxy or a getter that throws. */
function adopted(result: unknown): unknown {
  if (result instanceof Promise && result.then === Promise.prototype.then) return result;
  if ((typeof result !== "object" || result === null) && typeof result !== "function") return result;
  // A `then` that is not the platform's own may call back at once, twice or never, or throw.
  return typeof (result as { readonly then?: unknown }).then === "function" ? new Promise((resolve) => resolve(result)) : result;
}

const succeedCurrent = (value: unknown): void => {
  const task = currentStore() as ScopedTask<unknown>;
  task.succeed(value);
  task.driver.onReturned?.(task);
};

const failCurrent = (error: unknown): void => {
  const task = currentStore() as ScopedTask<unknown>;
  task.fail(error);
  task.driver.onReturned?.(task);
};

/** What `callNow` returns for code that goes on, and that its reactions will settle. */
const goesOn = Symbol("goes on");

const callNow = (task: ScopedTask<unknown>): unknown => {
  const result = adopted(task.driver.call?.(task));
  if (!(result instanceof Promise)) return result;
  // Inside the context of the task, where they find it.
  result.then(succeedCurrent, failCurrent);
  return goesOn;
};

/** Enters the code of a task (`driver.call`) at once and settles it with what comes out; nothing when it has settled already. */
export function enterNow(task: ScopedTask<unknown>): void {
  if (task.settled) return;
  task.started(undefined);
  try {
    const result = callInScope(task, callNow, task);
    if (result === goesOn) return;
    task.succeed(result);
  } catch (error) {
    task.fail(error);
  }
  task.driver.onReturned?.(task);
}

/** Tasks that start together, when its promise resolves. */
class Round extends Settlement<void> {
  readonly tasks: ScopedTask<unknown>[] = [];
  place = 0;
}

/** Few, so that a slice that is spent is noticed in time; many enough that a round costs each of them little. */
const roundSize = 16;
let rounds: Round[] = [];
let firstRound = 0;
/** The round whose reactions are running. */
let current: Round | undefined;
let pumping = false;
const resolved = Promise.resolve();

/** Enters the code of a task (`driver.call`) on the next tick: where it was submitted, with the task as its scope. */
export function enterSoon(task: ScopedTask<unknown>): void {
  prepareContext();
  joinRound(task, enterNext);
}

/** The same without a context of its own: the code was given its task. */
export function enterSoonExplicitly(task: ScopedTask<unknown>): void {
  joinRound(task, enterNextExplicitly);
}

function joinRound(task: ScopedTask<unknown>, enter: () => void): void {
  let round = rounds.at(-1);
  if (round === undefined || round.tasks.length === roundSize) {
    round = new Round();
    rounds.push(round);
    if (!pumping) {
      pumping = true;
      runOutside(pumpSoon);
    }
  }
  round.tasks.push(task);
  void round.promise.then(enter);
}

function pumpSoon(): void {
  void resolved.then(pump);
}

/** Begins the next round; its reactions run before the next call of this. */
function pump(): void {
  // A round that is over has entered all its tasks: each reaction takes exactly one.
  const round = rounds[firstRound];
  if (round === undefined) {
    rounds = [];
    firstRound = 0;
    current = undefined;
    pumping = false;
    return;
  }
  // With a clock that stands still time is no measure, and a virtual one must not move on before all have begun.
  if (sliceSpent(false)) {
    setImmediate(pump);
    return;
  }
  rounds[firstRound++] = undefined as never;
  if (firstRound === 1024) {
    rounds = rounds.slice(firstRound);
    firstRound = 0;
  }
  current = round;
  round.resolve();
  void resolved.then(pump);
}

function nextTask(): ScopedTask<unknown> {
  const round = current as Round;
  const task = round.tasks[round.place] as ScopedTask<unknown>;
  round.tasks[round.place++] = undefined as never;
  return task;
}

function enterNext(): void {
  const task = nextTask();
  if (task.settled) return;
  task.started(undefined);
  // This reaction is the whole microtask: nobody's context has to be restored after it.
  enterContext(task);
  try {
    const result = callNow(task);
    if (result === goesOn) return;
    task.succeed(result);
  } catch (error) {
    task.fail(error);
  }
  task.driver.onReturned?.(task);
}

/** Without a context the reactions that settle the task have to know it. */
function enterNextExplicitly(): void {
  const task = nextTask();
  if (task.settled) return;
  task.started(undefined);
  try {
    const result = adopted(task.driver.call?.(task));
    if (result instanceof Promise) {
      result.then(
        (value) => task.succeed(value),
        (error: unknown) => task.fail(error),
      );
    } else task.succeed(result);
  } catch (error) {
    task.fail(error);
  }
}

let starting: (() => void)[] = [];

/** Calls `start` on the next tick. All starts of one tick share one microtask, and so one async context: code of the user that is
 *  entered from here brings the context of its submission (`captureContext`). */
export function startSoon(start: () => void): void {
  if (starting.push(start) === 1) queueMicrotask(startAll);
}

function startAll(): void {
  const batch = starting;
  starting = [];
  let next = 0;
  try {
    while (next < batch.length) batch[next++]?.();
  } finally {
    // One that throws is a bug of its own and must not take the others with it.
    for (const left of batch.slice(next)) startSoon(left);
  }
}

/** The name a task gets from its function. */
export function nameOf(fn: unknown): string {
  try {
    // Of a proxy or a class that overrides it this can be anything, or throw.
    const { name } = fn as { readonly name: unknown };
    return typeof name === "string" && name !== "" ? name : "anonymous";
  } catch {
    return "anonymous";
  }
}
