// An episode: one pool of random make, a burst of random submissions, an end at a random moment, and the books checked.
import type { QueueOptions, ThreadOptions } from "../../src/runtime/index.ts";
import { openProcesses, openThreads } from "../../src/runtime/index.ts";
import type { Arena, Pool } from "./arena.ts";
import type { Dice } from "./dice.ts";
import type { Ledger } from "./ledger.ts";
import { submitOne } from "./submissions.ts";
import * as work from "./work.ts";

/** No task of a stress run needs longer, not on a busy machine: a wide margin. */
export const hangMs = 30_000;

/** Runs one episode; at `endMs` it closes its pool, whatever is left to do. */
export async function runEpisode(dice: Dice, ledger: Ledger, endMs: number): Promise<void> {
  if (dice.chance(0.05)) return brokenEpisode(dice, ledger);
  const level = dice.pick(["thread", "process"] as const);
  const deadly = dice.chance(0.5);
  const queue = dice.chance(0.3)
    ? ({ capacity: dice.between(0, 8), full: dice.pick(["wait", "reject", "run-here"] as const) } satisfies QueueOptions)
    : undefined;
  const options = {
    name: level === "thread" ? "stress-t" : "stress-p",
    size: dice.between(1, level === "thread" ? 4 : 2),
    stdio: "ignore",
    queue,
    maxTasks: dice.chance(0.2) ? dice.pick([1, 3, 20]) : undefined,
    idleTimeout: dice.chance(0.2) ? dice.pick([1, 10, 50]) : undefined,
    setup: dice.pick([undefined, undefined, work.setupQuick, work.setupSlow]),
    teardown: dice.pick([undefined, undefined, work.teardownQuick]),
  } satisfies ThreadOptions;
  const pool: Pool = level === "thread" ? openThreads(options) : openProcesses(options);
  const arena: Arena = {
    pool,
    level,
    deadly,
    rejects: queue?.full === "reject",
    runsHere: queue?.full === "run-here",
    dice,
    ledger,
    closing: false,
    submitted: 0,
    pooled: new Set(),
    spawned: new Set(),
    entered: new Map(),
  };
  ledger.count(level === "thread" ? "pools of threads" : "pools of processes");
  if (dice.chance(0.2)) await orHang("warm", pool.warm(), ledger);
  const stop = watchCapacity(arena);
  const over: Promise<void>[] = [];
  for (let left = dice.between(10, level === "thread" ? 150 : 80); left > 0; left--) {
    over.push(submitOne(arena));
    if (dice.chance(0.1)) await pause(dice.between(0, 5));
    if (queue && dice.chance(0.2)) await orHang("ready", pool.ready(), ledger);
  }
  if (dice.chance(0.7)) await orHang("drain", Promise.race([pool.drain(), pause(endMs - performance.now())]), ledger);
  arena.closing = true;
  const closing = pool.close(dice.chance(0.5) ? { grace: dice.pick([1, 20, 200]) } : {});
  for (let late = dice.between(0, 3); late > 0; late--) over.push(submitOne(arena));
  await orHang("close", closing, ledger);
  await orHang("tasks", Promise.all(over), ledger);
  stop();
  checkBooks(arena);
}

/** A pool whose setup fails: everything fails with it, nothing hangs. */
async function brokenEpisode(dice: Dice, ledger: Ledger): Promise<void> {
  const level = dice.pick(["thread", "process"] as const);
  const options = { size: dice.between(1, 2), stdio: "ignore", setup: work.setupBroken } as const;
  const pool: Pool = level === "thread" ? openThreads(options) : openProcesses(options);
  ledger.count("pools broken by setup");
  const failures = new Set(["PoolBrokenError"]);
  const over = Array.from({ length: dice.between(1, 10) }, (_, n) => {
    const view = pool.with({ retry: dice.between(0, 2), key: dice.pick([undefined, n]) });
    return ledger.track(dice.chance(0.2) ? view.spawn(work.echo, n, n) : view.run(work.echo, n, n), { label: `broken ${level}`, failures });
  });
  await orHang("tasks", Promise.all(over), ledger);
  await orHang("close", pool.close(), ledger);
}

/** Waits, but not for ever: what has not come by then hangs. */
export async function orHang(what: string, promise: Promise<unknown>, ledger: Ledger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), hangMs);
  });
  if ((await Promise.race([promise, late])) === "late") {
    ledger.count("hung");
    ledger.violate(
      `${what} has not ended after ${hangMs} ms; open: ${ledger.open
        .map(({ label }) => label)
        .join(", ")
        .slice(0, 500)}`,
    );
  }
  clearTimeout(timer);
}

/** Never more tasks at once than workers, never more workers than the size and one for each spawned task; looked at all the
 *  time. A task that is being cancelled may still hold a worker that has been replaced, and does not count. */
function watchCapacity({ pool, pooled, spawned, runsHere, level, ledger }: Arena): () => void {
  const timer = setInterval(() => {
    ledger.count("looks at capacity");
    const { workers, idle } = pool.statistics();
    const running = [...pooled].filter(({ state }) => state === "running").length;
    if (running > pool.size && !runsHere) ledger.violate(`${level}: ${running} tasks run on ${pool.size} workers`);
    if (workers > pool.size + spawned.size) ledger.violate(`${level}: ${workers} workers, size ${pool.size}, ${spawned.size} spawned`);
    if (idle > pool.size) ledger.violate(`${level}: ${idle} idle workers, size ${pool.size}`);
  }, 3);
  return () => clearInterval(timer);
}

function checkBooks({ pool, level, submitted, entered, ledger }: Arena): void {
  const { workers, idle, waiting, running, succeeded, failed, cancelled, lost } = pool.statistics();
  ledger.count("workers lost", lost);
  if (workers + idle + waiting > 0) ledger.violate(`${level} pool closed with ${workers} workers, ${idle} idle, ${waiting} waiting`);
  if (running > 0) ledger.violate(`${level} pool closed with ${running} running`);
  const sum = succeeded + failed + cancelled;
  if (!Number.isNaN(submitted) && sum !== submitted) ledger.violate(`${level} pool: ${submitted} submitted, ${sum} ended`);
  for (const [key, list] of entered) {
    list.sort((one, other) => one.order - other.order);
    list.forEach(({ atNs, order }, place) => {
      const before = list[place - 1];
      if (before && before.atNs > atNs) ledger.violate(`${level} ${key}: ${order} was entered before ${before.order}`);
    });
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
