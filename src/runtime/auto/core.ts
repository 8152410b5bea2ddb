// The core of `auto`: every task is a coroutine of this thread that decides, as it starts, whether to call the function itself or to hand
// the call to the threads. As it starts, and not as it is submitted: a thousand calls of a function that nobody knows are all submitted
// before the first has run, and the second already profits from the first.

import { NotSerializableError } from "../../contract/errors.ts";
import type { CloseOptions, ExecutorStatistics } from "../../contract/executor.ts";
import type { Level } from "../../contract/portable.ts";
import { currentScope } from "../../core/context.ts";
import type { ScopedTask } from "../../core/task.ts";
import { AdaptiveChunk, type ChunkOptions, type MapWindow } from "../../executors/pool/chunk.ts";
import type { ExecutorCore, Submission } from "../../executors/pool/core.ts";
import { encode } from "../../wire/codec.ts";
import { exportedClass } from "../../wire/module-namespaces.ts";
import { referenceOf } from "../../wire/reference.ts";
import { Knowledge } from "./knowledge.ts";
import { measureTurn, noteCall } from "./turn.ts";

/** Items of a map in flight on this thread. */
const overlapping = 1000;
/** Calls whose whole turn is measured: the first ones, and then one of so many. */
const firstMeasured = 4;
const measuredEvery = 64;

type AnyCall = (...args: readonly unknown[]) => unknown;

export class AutoCore implements ExecutorCore<Level> {
  readonly level = "coroutine";
  readonly runsAs = "coroutine";
  readonly #here: ExecutorCore;
  readonly #threads: () => ExecutorCore;
  readonly #byReference = new Map<string, Knowledge>();
  readonly #byFunction = new WeakMap<WeakKey, Knowledge>();

  /** `here` is this executor's own; the threads are the program's. */
  constructor(here: ExecutorCore, threads: () => ExecutorCore) {
    this.#here = here;
    this.#threads = threads;
  }

  get name(): string {
    return this.#here.name;
  }

  /** That of the threads: what bounds the work that takes long. */
  get size(): number {
    return this.#threads().size;
  }

  submit(submission: Submission): ScopedTask<unknown> {
    const { fn, args, settings, dedicated, many, stream } = submission;
    // A stream is not measured.
    if (stream !== undefined || typeof fn !== "function") return this.#here.submit(submission);
    const knowledge = this.of(fn);
    const call = fn as AnyCall;
    // A worker of its own, a trip that has been packed, a place among its equals: those are the threads' to give.
    const packed = many !== undefined && args.length !== 1;
    const sent = (dedicated || packed || settings.key !== undefined) && knowledge.mayTravel;
    if (packed && !sent) return this.#here.submit(submission);
    const decide = () => {
      if (sent) return this.#callThere(knowledge, call, submission);
      const { isThere } = knowledge;
      const one = isThere ? this.#callThere(knowledge, call, { args, settings, dedicated: false }) : this.#callHere(knowledge, call, args);
      return many === undefined ? one : listOf(one);
    };
    const name = settings.name ?? referenceOf(fn)?.name ?? fn.name;
    return this.#here.submit({ fn: decide, args: [], settings: { ...settings, name }, dedicated });
  }

  /** How far a map may go ahead, and in what trips: as on threads where the function runs there; one by one, and many at once, here; and
   *  a single item as long as nothing is known. */
  windowFor(fn: unknown, options: Pick<ChunkOptions, "concurrency" | "chunk">): MapWindow {
    const knowledge = this.of(fn);
    const there = new AdaptiveChunk({ ...options, size: this.size, isLocal: false });
    return {
      get limit() {
        if (knowledge.isThere) return there.limit;
        return options.concurrency ?? (knowledge.isUnknown ? 1 : overlapping);
      },
      get isDivisible() {
        return there.isDivisible;
      },
      chunk: (left) => (knowledge.isThere ? there.chunk(left) : 1),
      measured(items, ms) {
        if (!knowledge.isThere) return;
        there.measured(items, ms);
        if (items > 1) knowledge.ranThere(ms / items);
      },
    };
  }

  /** What is known of a function; of one that is portable, under whatever reference it comes. */
  of(fn: unknown): Knowledge {
    if (typeof fn !== "function") return new Knowledge();
    const reference = referenceOf(fn);
    if (reference === undefined) {
      const known = this.#byFunction.get(fn as WeakKey) ?? new Knowledge();
      this.#byFunction.set(fn as WeakKey, known);
      known.stays("it is not portable");
      return known;
    }
    const address = `${reference.url}#${reference.name}`;
    const known = this.#byReference.get(address) ?? new Knowledge();
    this.#byReference.set(address, known);
    return known;
  }

  #callHere(knowledge: Knowledge, fn: AnyCall, args: readonly unknown[]): unknown {
    const wholeTurn = knowledge.calls < firstMeasured || knowledge.calls % measuredEvery === 0;
    knowledge.beginsHere();
    return measured(knowledge, fn, args, wholeTurn);
  }

  /** Runs inside the task, which waits for the one on the threads: that one has the settings that go by the code. */
  async #callThere(knowledge: Knowledge, fn: AnyCall, { args, settings, dedicated, many }: Omit<Submission, "fn">): Promise<unknown> {
    const outer = currentScope() as ScopedTask<unknown>;
    const comesBack = outer.delegate();
    const { deadline: _, ...inner } = settings;
    const task = this.#threads().submit({ fn, args, settings: { ...inner, retry: undefined, signals: [] }, dedicated, many });
    // the wait for reports ends with a cancel of this task by throwing it, which `await task` does too
    passOn(task, outer).catch(() => {});
    try {
      return await task;
    } catch (error) {
      // nothing has run yet: what cannot go there can run here
      if (many !== undefined || !(error instanceof NotSerializableError && error.path.startsWith("arguments"))) throw error;
      knowledge.stays(`its arguments cannot travel: ${error.message}`);
      comesBack();
      if (settings.timeout !== undefined) outer.limitRunning(settings.timeout);
      return await this.#callHere(knowledge, fn, args);
    } finally {
      comesBack();
      const { outcome, metrics } = task;
      if (many === undefined && outcome?.state === "succeeded") knowledge.ranThere(metrics.runMs);
    }
  }

  /** Here: a worker of this executor is this thread. */
  broadcast(submission: Submission): Promise<unknown[]> {
    return this.#here.broadcast(submission);
  }

  statistics(): ExecutorStatistics {
    return this.#here.statistics();
  }

  /** Starts the threads now, for who knows already that they will be needed. */
  async warm(count: number): Promise<void> {
    await this.#here.warm(count);
    await this.#threads().warm(count);
  }

  drain(): Promise<void> {
    return this.#here.drain();
  }

  ready(): Promise<void> {
    return this.#here.ready();
  }

  /** Its own tasks end; the program's threads stay. */
  close(options: CloseOptions): Promise<void> {
    return this.#here.close(options);
  }
}

/** Calls, notes how long that held the thread, and looks into what follows from it: at once where the call is over, so that the next one
 *  of a batch profits. */
function measured(knowledge: Knowledge, fn: AnyCall, args: readonly unknown[], wholeTurn: boolean): unknown {
  const turn = wholeTurn ? measureTurn((ms) => knowledge.heldHere(ms)) : undefined;
  noteCall();
  const startedAt = performance.now();
  let result: unknown;
  try {
    result = fn(...args);
  } catch (error) {
    knowledge.heldHere(performance.now() - startedAt);
    // errors travel always
    tryTravel(knowledge, args, undefined);
    throw error;
  }
  if (!(result instanceof Promise)) {
    knowledge.heldHere(performance.now() - startedAt);
    return tryTravel(knowledge, args, result);
  }
  if (turn !== undefined) return afterTurn(result, turn.watch(), (value) => tryTravel(knowledge, args, value));
  knowledge.heldHere(performance.now() - startedAt);
  return knowledge.wantsToTravel ? result.then((value: unknown) => tryTravel(knowledge, args, value)) : result;
}

/** A result that may be there before it is known how long it took. */
async function afterTurn(pending: Promise<unknown>, over: Promise<void>, then: (value: unknown) => unknown): Promise<unknown> {
  const value = await pending;
  await over;
  return then(value);
}

/** Before a call is sent away: codes arguments and result once, to see whether they can travel and what it costs. Gives the result. */
function tryTravel(knowledge: Knowledge, args: readonly unknown[], result: unknown): unknown {
  if (!knowledge.wantsToTravel) return result;
  let what = "";
  let leastMs = Number.POSITIVE_INFINITY;
  try {
    // twice: the first time pays for the compiler
    for (let time = 0; time < 2; time++) {
      const startedAt = performance.now();
      what = "its arguments cannot travel";
      encode(args, { root: "arguments", sharesMemory: true, exportedClass });
      what = "its result cannot travel";
      encode(result, { root: "result", sharesMemory: true, exportedClass });
      leastMs = Math.min(leastMs, performance.now() - startedAt);
    }
    // decoding takes about as long again
    knowledge.travels(2 * leastMs);
  } catch (error) {
    if (!(error instanceof NotSerializableError)) throw error;
    knowledge.stays(`${what}: ${error.message}`);
  }
  return result;
}

/** A trip of one item brings a list of one result. */
async function listOf(result: unknown): Promise<readonly unknown[]> {
  return [await result];
}

/** What the call reports there is reported by the task that was submitted. */
async function passOn(task: ScopedTask<unknown>, outer: ScopedTask<unknown>): Promise<void> {
  for await (const value of task.progress) outer.report(value);
}
