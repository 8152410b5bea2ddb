// One random submission: what is asked for, how it is disturbed, and what may become of it.
import type { TaskOptions } from "../../src/runtime/index.ts";
import type { Arena } from "./arena.ts";
import { type Kind, kinds, make, type OpenOptions } from "./kinds.ts";
import { answers } from "./ledger.ts";
import * as work from "./work.ts";

const disturbed: readonly Kind[] = ["deaf", "die", "lateCrash", "target"];
let asked = 0;

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
  const options: OpenOptions = {};
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
