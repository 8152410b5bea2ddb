// One random submission: what is asked for, how it is disturbed, and what may become of it.
import type { Executor, Task, TaskOptions } from "../../src/runtime/index.ts";
import type { Dice } from "./dice.ts";
import { answers, type Expectation, type Ledger } from "./ledger.ts";
import * as work from "./work.ts";

type Pool = Executor<"thread" | "process">;

/** The pool under stress and what is known of it. */
export interface Arena {
  readonly pool: Pool;
  readonly level: "thread" | "process";
  /** Workers die here, so that anything may be lost with one. */
  readonly deadly: boolean;
  /** A bounded queue that rejects. */
  readonly rejects: boolean;
  /** A full queue makes this thread do the work: nothing may be asked of it that ends the thread. */
  readonly runsHere: boolean;
  readonly dice: Dice;
  readonly ledger: Ledger;
  /** Set when the pool is closed: then anything may be cancelled or refused. */
  closing: boolean;
  /** Submissions that the pool has to have counted; not a number once it got some that cannot be counted from here. */
  submitted: number;
  /** Tasks of one worker each, and of a worker of their own each: what capacity is about. */
  readonly pooled: Set<Task<unknown>>;
  readonly spawned: Set<Task<unknown>>;
  /** By key: the instants at which tasks were entered, in order of submission. */
  readonly entered: Map<string, { readonly order: number; readonly atNs: bigint }[]>;
}

const kinds = {
  echo: 20,
  large: 2,
  compute: 8,
  nap: 8,
  polite: 6,
  keyed: 8,
  listen: 3,
  bytes: 3,
  report: 3,
  weird: 8,
  spawn: 2,
  map: 3,
  broadcast: 1,
  nested: 5,
  unclonable: 3,
  deaf: 2,
  die: 3,
  lateCrash: 1,
  target: 2,
} as const;
type Kind = keyof typeof kinds;

const disturbed: readonly Kind[] = ["deaf", "die", "lateCrash", "target"];
let asked = 0;
let keyedOrder = 0;

/** Submits one thing and watches it. The promise resolves when it is over. */
export function submitOne(arena: Arena): Promise<void> {
  const { dice, ledger } = arena;
  let kind = dice.weighted(kinds);
  if (disturbed.includes(kind) && (!arena.deadly || arena.runsHere)) kind = "echo";
  ledger.count(`kind ${kind}`);
  const n = ++asked;
  const label = `${arena.level} ${kind} #${n}`;
  if (kind === "map") return submitMap(arena, n, label);
  if (kind === "broadcast") return submitBroadcast(arena, n, label);
  return submitTask(arena, kind, n, label);
}

/** What any task of this arena may end with, beside what it asks for itself. */
function hazards(arena: Arena, own: readonly string[] = []): ReadonlySet<string> {
  const names = new Set(own);
  if (arena.deadly) names.add("WorkerLostError");
  if (arena.rejects) names.add("QueueFullError");
  // Closing may come after this was decided, so it is asked at the end.
  return { has: (name: string) => names.has(name) || (arena.closing && closed.has(name)) } as ReadonlySet<string>;
}
const closed = new Set(["AbortError", "ExecutorClosedError"]);

function submitTask(arena: Arena, kind: Exclude<Kind, "map" | "broadcast">, n: number, label: string): Promise<void> {
  const { dice, ledger } = arena;
  const options: { -readonly [K in keyof TaskOptions]: TaskOptions[K] } = {};
  const own: string[] = [];
  const controller = new AbortController();
  let cancelAfterMs: number | undefined;
  if (dice.chance(0.25)) {
    cancelAfterMs = dice.pick([0, 0, 1, 2, 5, 10, 30]);
    own.push("AbortError");
    if (dice.chance(0.5)) options.signal = controller.signal;
    else options.grace = dice.pick([0, 1, 20, 2_000]);
  }
  if (dice.chance(0.1)) {
    options.timeout = dice.pick([1, 5, 50, 5_000]);
    own.push("TimeoutError");
  }
  if (dice.chance(0.1)) {
    options.deadline = dice.pick([0, 1, 10, 100, 10_000]);
    own.push("TimeoutError");
  }
  if (kind !== "keyed" && dice.chance(0.2)) options.priority = dice.between(-2, 2);
  if (kind !== "keyed" && dice.chance(0.15))
    options.retry = { retries: dice.between(1, 3), backoff: { initial: dice.between(0, 5), jitter: 0.5 } };
  const made = make(arena, kind, n, options, own);
  const task = made.submit(arena.pool.with(options));
  arena.submitted++;
  const running = kind === "spawn" ? arena.spawned : arena.pooled;
  running.add(task);
  task.onDone(() => running.delete(task));
  const over = ledger.track(task, {
    label: `${label} ${describe(options, cancelAfterMs)}`,
    value: made.value,
    failures: hazards(arena, own),
  });
  if (cancelAfterMs !== undefined) {
    const cancel = () => (options.signal ? controller.abort() : task.cancel("stress"));
    ledger.count("cancels");
    if (cancelAfterMs === 0 && dice.chance(0.5)) cancel();
    else setTimeout(cancel, cancelAfterMs).unref();
  }
  made.disturb?.(task);
  return over;
}

function describe({ signal, ...options }: TaskOptions, cancelAfterMs: number | undefined): string {
  return JSON.stringify({ ...options, transfer: options.transfer?.length, signal: signal !== undefined, cancelAfterMs });
}

interface Made {
  submit(pool: Pool): Task<unknown>;
  readonly value: Expectation["value"];
  disturb?(task: Task<unknown>): void;
}

function make(
  arena: Arena,
  kind: Exclude<Kind, "map" | "broadcast">,
  n: number,
  options: { -readonly [K in keyof TaskOptions]: TaskOptions[K] },
  own: string[],
): Made {
  const { dice, ledger } = arena;
  const ms = dice.between(0, 8);
  switch (kind) {
    case "echo": {
      const sent = dice.pick<unknown>([null, n, `text ${n}`, { deep: [n, new Map([[n, new Date(n)]])] }, [undefined, Number.NaN], 12n]);
      return { submit: (pool) => pool.run(work.echo, n, sent), value: answers(n, sent) };
    }
    case "large": {
      const sent = dice.bytes(dice.pick([20_000, 300_000]));
      return { submit: (pool) => pool.run(work.echo, n, sent), value: answers(n, sent) };
    }
    case "compute":
      return { submit: (pool) => pool.run(work.compute, n, ms), value: answers(n) };
    case "nap":
      return { submit: (pool) => pool.run(work.nap, n, ms), value: answers(n) };
    case "polite":
      return { submit: (pool) => pool.run(work.polite, n, ms * 3), value: answers(n) };
    case "spawn":
      return { submit: (pool) => pool.spawn(work.nap, n, ms), value: answers(n) };
    case "report":
      return { submit: (pool) => pool.run(work.report, n, ms * 4), value: answers(n), disturb: (task) => void readProgress(task) };
    case "keyed": {
      options.key = `key ${dice.between(0, 3)}`;
      const key = options.key;
      const order = ++keyedOrder;
      const isAnswer = answers(n);
      const value = (got: unknown): boolean => {
        const list = arena.entered.get(key) ?? [];
        list.push({ order, atNs: (got as work.Answer).atNs });
        arena.entered.set(key, list);
        return isAnswer(got);
      };
      return { submit: (pool) => pool.run(work.nap, n, dice.pick([0, 0, ms])), value };
    }
    case "listen": {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), ms).unref();
      return { submit: (pool) => pool.run(work.listen, n, controller.signal), value: answers(n) };
    }
    case "bytes": {
      const view = dice.bytes(dice.between(1, 5_000));
      const sum = view.reduce((total, byte) => total + byte, 0);
      const buffer = view.buffer as ArrayBuffer;
      const moved = dice.chance(0.5);
      if (moved) options.transfer = [buffer];
      const submit = (pool: Pool): Task<unknown> => {
        const task = pool.run(work.bytes, n, buffer);
        const kept = arena.closing || options.deadline === 0;
        if (!kept && moved !== (buffer.byteLength === 0)) ledger.violate(`bytes #${n}: ${moved ? "not " : ""}moved`);
        return task;
      };
      return { submit, value: answers(n, sum) };
    }
    case "weird": {
      own.push("any");
      const name = dice.pick(work.weirdNames);
      return { submit: (pool) => pool.run(work.weird, name), value: undefined };
    }
    case "nested": {
      const depth = dice.between(0, 2);
      // Its inner submissions are counted too, and only the pool knows how many there were.
      arena.submitted = Number.NaN;
      // An inner refusal or timeout is this one's failure.
      own.push("AbortError", "TimeoutError");
      return { submit: (pool) => pool.run(work.nested, n, arena.pool, depth, { n }), value: answers(n, { n }) };
    }
    case "unclonable": {
      own.push("NotSerializableError");
      return { submit: (pool) => pool.run(work.echo, n, { deep: [() => n] }), value: undefined };
    }
    case "deaf": {
      options.timeout = dice.between(5, 40);
      options.grace = dice.pick([0, 5, 20]);
      own.push("TimeoutError");
      ledger.count("kills by grace");
      return { submit: (pool) => pool.run(dice.chance(0.5) ? work.deafLoop : work.deafWait), value: undefined };
    }
    case "die": {
      const how = dice.pick(arena.level === "process" ? [0, 1, 9, 9] : [0, 1]);
      return {
        submit: (pool) => pool.run(work.die, how, dice.pick([0, 0, ms])),
        value: undefined,
        disturb: (task) => void timeDeath(arena, task),
      };
    }
    case "lateCrash":
      ledger.count("kills by late crash");
      return { submit: (pool) => pool.run(work.lateCrash, n), value: answers(n) };
    case "target":
      if (arena.level === "thread") return make(arena, "die", n, options, own);
      return { submit: (pool) => pool.run(work.target), value: undefined, disturb: (task) => void killFromOutside(arena, task) };
  }
}

async function readProgress(task: Task<unknown>): Promise<void> {
  let last = -1;
  for await (const each of task.progress) {
    // Retries begin again at 0.
    if (each !== 0 && (each as number) <= last) throw new RangeError(`reports out of order: ${each} after ${last}`);
    last = each as number;
  }
}

/** How long it takes from the death of a worker to the end of its task. */
async function timeDeath({ ledger }: Arena, task: Task<unknown>): Promise<void> {
  let diedAtNs: bigint | undefined;
  task.onDone((outcome) => {
    if (diedAtNs === undefined || outcome.state !== "failed" || (outcome.error as Error).name !== "WorkerLostError") return;
    ledger.latenciesMs.push(Number(process.hrtime.bigint() - diedAtNs) / 1e6);
  });
  for await (const each of task.progress) {
    diedAtNs = each as bigint;
    ledger.count("kills from inside");
  }
}

async function killFromOutside({ ledger }: Arena, task: Task<unknown>): Promise<void> {
  let killedAtNs: bigint | undefined;
  task.onDone((outcome) => {
    if (killedAtNs === undefined || outcome.state !== "failed" || (outcome.error as Error).name !== "WorkerLostError") return;
    ledger.latenciesMs.push(Number(process.hrtime.bigint() - killedAtNs) / 1e6);
  });
  for await (const pid of task.progress) {
    // A retried one is another process.
    if (task.state !== "running") continue;
    try {
      process.kill(pid as number, "SIGKILL");
      killedAtNs = process.hrtime.bigint();
      ledger.count("kills from outside");
    } catch {
      ledger.count("kills too late");
    }
  }
}

function submitMap(arena: Arena, n: number, label: string): Promise<void> {
  const { dice, ledger, pool } = arena;
  arena.submitted = Number.NaN;
  const items = Array.from({ length: dice.between(0, 30) }, (_, place) => n + place);
  const ordered = dice.chance(0.5);
  const chunk = dice.pick([undefined, 1, 4]);
  const results = pool.map(work.double, items, { ordered, chunk, concurrency: dice.pick([undefined, 1, 7]) });
  const expected = items.map((item) => item * 2);
  const leaveAfter = dice.chance(0.3) ? dice.between(0, items.length) : Number.POSITIVE_INFINITY;
  const read = async (): Promise<number[]> => {
    const got: number[] = [];
    for await (const each of results) {
      got.push(each);
      if (got.length > leaveAfter) break;
    }
    return got;
  };
  const isRight = (value: unknown): boolean => {
    const got = value as number[];
    if (leaveAfter === Number.POSITIVE_INFINITY && got.length !== expected.length) return false;
    if (ordered) return got.every((each, place) => each === expected[place]);
    return got.every((each) => expected.includes(each)) && new Set(got).size === got.length;
  };
  return ledger.trackPromise(read(), { label, value: isRight, failures: hazards(arena) });
}

function submitBroadcast(arena: Arena, n: number, label: string): Promise<void> {
  const { ledger, pool } = arena;
  arena.submitted = Number.NaN;
  const isRight = (value: unknown): boolean => {
    const all = value as unknown[];
    return all.length >= 1 && all.length <= pool.size && all.every(answers(n, "all"));
  };
  // It runs beside other tasks, and goes with a worker that is killed because one of them ignores its cancel.
  const failures = hazards(arena, ["WorkerLostError"]);
  return ledger.trackPromise(pool.broadcast(work.echo, n, "all"), { label, value: isRight, failures });
}
