// Depth-first search over the interleavings, with a bound on preemptions (CHESS, Musuvathi and Qadeer 2007): a switch away from a
// thread that could go on costs one, a switch away from one that waits or has ended is free. Nearly all known bugs need two or less.
//
// A state is the memory, the log of each thread, who waits, and who ran last. One that was reached before with as many preemptions
// to spare is not entered again.
//
// A wait that has a time limit may end by it whenever its thread sleeps: a choice of the search, which costs a preemption while
// anything else can run. Waiters are woken first in, first out; no wake-up is spurious; the specification has none.
//
// Fairness: a thread that makes the same access again and again, while nothing changes anywhere, spins. It has to stand back until
// there is a change, or time passes for somebody, or nothing else can happen.
import { DeadlockError } from "../../contract/errors.ts";
import type { ScheduleStep } from "../schedule.ts";
import { describeAccess, type ModelledMemory } from "./modelled-memory.ts";
import type { LogNode, ThreadLogs } from "./thread-log.ts";

/** Times that a thread may repeat an access without an effect before it counts as spinning. */
const spinLimit = 3;
/** A body that takes more steps than this, with nobody to wait for, never ends. */
const maxSteps = 2_000;

/** One state of all threads, and the way on. */
interface State {
  readonly memory: Uint8Array;
  readonly threads: readonly LogNode[];
  /** Threads that wait, the longest first. */
  readonly waiting: readonly number[];
  /** By thread: how many accesses since anything changed. */
  readonly idle: readonly number[];
  readonly last: number;
  readonly preemptions: number;
}

interface Choice extends ScheduleStep {
  /** Preemptions. */
  readonly cost: number;
}

interface Frame {
  readonly state: State;
  readonly choices: readonly Choice[];
  index: number;
}

/** What went wrong in a run. */
export interface Failure {
  readonly error: unknown;
  readonly steps: readonly ScheduleStep[];
}

export class Search<S> {
  readonly #memory: ModelledMemory;
  readonly #logs: ThreadLogs<S>;
  readonly #check: (memory: Uint8Array) => void;
  readonly #bound: number;
  readonly #stack: Frame[] = [];
  /** State → the fewest preemptions it was reached with. */
  readonly #seen = new Map<string, number>();
  runs = 0;
  failure: Failure | undefined;

  constructor(
    memory: ModelledMemory,
    logs: ThreadLogs<S>,
    initial: Uint8Array,
    check: (memory: Uint8Array) => void,
    threads: number,
    bound: number,
  ) {
    this.#memory = memory;
    this.#logs = logs;
    this.#check = check;
    this.#bound = bound;
    const nodes = Array.from({ length: threads }, (_, thread) => logs.begin(thread));
    this.#enter({ memory: initial, threads: nodes, waiting: [], idle: nodes.map(() => 0), last: -1, preemptions: 0 });
  }

  get states(): number {
    return this.#seen.size;
  }

  /** Takes one step of the search; false when there is nothing left to try, or something was found. */
  advance(): boolean {
    const frame = this.#stack.at(-1);
    if (frame === undefined || this.failure !== undefined) return false;
    const choice = frame.choices[frame.index++];
    if (choice === undefined) this.#stack.pop();
    else this.#enter(this.#after(frame.state, choice));
    return true;
  }

  /** Takes the steps of one schedule, and after its end those of the first thread that can run. */
  follow(steps: readonly ScheduleStep[]): void {
    for (let at = 0; this.failure === undefined; at++) {
      const frame = this.#stack.at(-1);
      const step = steps[at];
      if (frame === undefined || (frame.choices.length === 0 && step === undefined)) return;
      const all = choicesOf(frame.state, Number.POSITIVE_INFINITY);
      const choice = step === undefined ? all[0] : all.find(({ thread, timesOut }) => thread === step.thread && timesOut === step.timesOut);
      if (choice === undefined) {
        throw new TypeError(
          `The schedule does not fit: thread ${step?.thread} cannot take step ${at + 1}. Is it of another version of the code?`,
        );
      }
      this.#stack[this.#stack.length - 1] = { state: frame.state, choices: [choice], index: 1 };
      this.#enter(this.#after(frame.state, choice), true);
    }
  }

  #enter(state: State, always = false): void {
    const broken = state.threads.find(({ thrown }) => thrown !== undefined);
    if (broken !== undefined) {
      this.#fail(broken.thrown?.error);
      return;
    }
    const key = keyOf(state);
    const before = this.#seen.get(key);
    if (!always && before !== undefined && before <= state.preemptions) return;
    this.#seen.set(key, state.preemptions);
    const choices = choicesOf(state, this.#bound);
    if (choices.length === 0) this.#end(state);
    this.#stack.push({ state, choices, index: 0 });
  }

  /** A run is over: everybody has ended, or nobody can go on. */
  #end(state: State): void {
    this.runs++;
    const stuck = state.threads.flatMap(({ next }, thread) => (next === undefined ? [] : [`thread ${thread} in ${describeAccess(next)}`]));
    if (stuck.length > 0) {
      this.#fail(new DeadlockError(`Nobody can go on (a deadlock or a lost wake-up): ${stuck.join(", ")}.`, stuck));
      return;
    }
    try {
      this.#check(state.memory);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    // The choice taken last from each frame is the way here.
    const steps = this.#stack.flatMap(({ choices, index }) => choices[index - 1] ?? []);
    this.failure = { error, steps };
  }

  #after(state: State, { thread, timesOut, cost }: Choice): State {
    const node = state.threads[thread] as LogNode;
    const access = node.next as NonNullable<LogNode["next"]>;
    const threads = [...state.threads];
    const preemptions = state.preemptions + cost;
    const base = { threads, last: thread, preemptions };
    if (timesOut) {
      threads[thread] = this.#advance(thread, node, "timed-out");
      return { ...base, memory: state.memory, waiting: state.waiting.filter((each) => each !== thread), idle: state.idle.map(() => 0) };
    }
    this.#memory.restore(state.memory);
    if (access.name === "wait") {
      const unchanged = this.#memory.peek(access) === access.values[0];
      if (unchanged) return { ...base, memory: state.memory, waiting: [...state.waiting, thread], idle: restart(state.idle, thread) };
      threads[thread] = this.#advance(thread, node, "not-equal");
      return { ...base, memory: state.memory, waiting: state.waiting, idle: count(state.idle, thread) };
    }
    if (access.name === "notify") return this.#notify(state, thread, base);
    const old = this.#memory.peek(access);
    threads[thread] = this.#advance(thread, node, this.#memory.apply(access));
    const changed = !Object.is(this.#memory.peek(access), old);
    const memory = changed ? this.#memory.save() : state.memory;
    return { ...base, memory, waiting: state.waiting, idle: changed ? state.idle.map(() => 0) : count(state.idle, thread) };
  }

  #notify(state: State, thread: number, base: Pick<State, "last" | "preemptions"> & { readonly threads: LogNode[] }): State {
    const node = state.threads[thread] as LogNode;
    const { type, at, values } = node.next as NonNullable<LogNode["next"]>;
    const limit = Number(values[0] ?? Number.POSITIVE_INFINITY);
    const sleepers = state.waiting.filter((each) => state.threads[each]?.next?.at === at && state.threads[each]?.next?.type === type);
    const woken = sleepers.slice(0, Math.max(0, limit));
    for (const each of woken) base.threads[each] = this.#advance(each, state.threads[each] as LogNode, "ok");
    base.threads[thread] = this.#advance(thread, node, woken.length);
    const waiting = state.waiting.filter((each) => !woken.includes(each));
    return { ...base, memory: state.memory, waiting, idle: woken.length > 0 ? state.idle.map(() => 0) : count(state.idle, thread) };
  }

  #advance(thread: number, node: LogNode, result: unknown): LogNode {
    if (node.depth < maxSteps) return this.#logs.advance(thread, node, result);
    const endless = `thread ${thread} in ${node.next === undefined ? "its end" : describeAccess(node.next)}`;
    return { ...node, next: undefined, thrown: { error: new DeadlockError(`A thread goes on without end: ${endless}.`, [endless]) } };
  }
}

/** Threads that can take a step of their own. When all of them spin, they take turns, unless time can pass instead. */
function runnable({ threads, waiting, idle }: State, turns: boolean): number[] {
  const ready: number[] = [];
  const spinning: number[] = [];
  for (let thread = 0; thread < threads.length; thread++) {
    const node = threads[thread] as LogNode;
    if (node.next === undefined || waiting.includes(thread)) continue;
    (spins(node, idle[thread] as number) ? spinning : ready).push(thread);
  }
  if (ready.length > 0 || !turns) return ready;
  const least = Math.min(...spinning.map((thread) => idle[thread] as number));
  return spinning.filter((thread) => idle[thread] === least);
}

/** Its next access is one that it has made several times among its last `idle` ones. */
function spins({ next, parent }: LogNode, idle: number): boolean {
  let times = 0;
  for (let node = parent, left = idle; node !== undefined && left > 0; node = node.parent, left--) {
    if (node.next?.at === next?.at && node.next?.name === next?.name && node.next?.type === next?.type && ++times >= spinLimit) return true;
  }
  return false;
}

/** Its wait can end by time. */
function hasLimit({ next }: LogNode): boolean {
  const limitMs = next?.values[1];
  return limitMs !== undefined && limitMs !== Number.POSITIVE_INFINITY;
}

/** What may happen next within the bound; what costs nothing comes first. */
function choicesOf(state: State, bound: number): Choice[] {
  const { threads, waiting, last, preemptions } = state;
  const sleepers = waiting.filter((thread) => hasLimit(threads[thread] as LogNode));
  const ready = runnable(state, sleepers.length === 0);
  const lastCouldGoOn = ready.includes(last);
  const choices: Choice[] = lastCouldGoOn ? [{ thread: last, timesOut: false, cost: 0 }] : [];
  const cost = lastCouldGoOn ? 1 : 0;
  if (preemptions + cost <= bound) for (const thread of ready) if (thread !== last) choices.push({ thread, timesOut: false, cost });
  const timeCost = ready.length > 0 ? 1 : 0;
  if (preemptions + timeCost > bound) return choices;
  for (const thread of sleepers) choices.push({ thread, timesOut: true, cost: timeCost });
  return choices;
}

function restart(idle: readonly number[], thread: number): readonly number[] {
  return idle.map((value, each) => (each === thread ? 0 : value));
}

function count(idle: readonly number[], thread: number): readonly number[] {
  return idle.map((value, each) => (each === thread ? value + 1 : value));
}

function keyOf({ memory, threads, waiting, idle, last }: State): string {
  const units: number[] = [last + 1, waiting.length, ...waiting];
  for (const { id } of threads) units.push(id & 0xffff, id >>> 16);
  idle.forEach((value, thread) => {
    if (value >= spinLimit && spins(threads[thread] as LogNode, value)) units.push(0x8000 + thread);
  });
  const words = new Uint16Array(memory.buffer, memory.byteOffset, memory.byteLength / 2);
  let key = String.fromCharCode(...units);
  // In parts, because a call takes only so many arguments.
  for (let at = 0; at < words.length; at += 4_096) key += String.fromCharCode(...words.subarray(at, at + 4_096));
  return key;
}
