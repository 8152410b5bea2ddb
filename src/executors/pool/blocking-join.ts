// The blocking join: this thread stops, and the pool goes on. What the event loop would have done for the pool (frames,
// exits, output, timers, nested submissions) is done here, in turns that block until something has arrived.
import { UnsupportedError } from "../../contract/errors.ts";
import { enterBlockingWait, leaveBlockingWait } from "../../core/blocking.ts";
import type { ScopedTask } from "../../core/task.ts";
import { timers } from "../../core/timers.ts";
import { blockFor } from "../../memory/atomics.ts";
import type { ForwardingCore } from "./core.ts";
import type { Link } from "./link.ts";

/** Longest stretch between two looks at the pool: a replacement may have been started by a timer meanwhile. */
const longestTurnMs = 50;

/** Longest stretch on one transport while another has to be looked at too. */
const sharedTurnMs = 1;

/** A pool, as far as a blocking join moves it. */
export type BlockedPool = Pick<ForwardingCore, "name" | "serveBlocked">;
type Pump = NonNullable<Link["pump"]>;

let blocked = 0;
/** Pools that have been given work by tasks that are waited for. */
const others = new Set<BlockedPool>();

/** Whether this thread stands in a blocking join: what needs its event loop will not move. */
export function isBlocked(): boolean {
  return blocked > 0;
}

/** A worker has submitted work to this pool, and may be waited for by whoever blocks this thread: then the pool moves too. */
export function alsoServe(pool: BlockedPool): void {
  if (blocked > 0) others.add(pool);
}

/** Blocks until the task of this pool has settled or the instant has come. */
export function blockUntilSettled(task: ScopedTask<unknown>, untilMs: number, pool: BlockedPool): void {
  blocked++;
  enterBlockingWait(`the task ${task.name}`);
  try {
    serveUntilSettled(task, untilMs, pool);
  } finally {
    leaveBlockingWait();
    if (--blocked === 0) others.clear();
  }
}

function serveUntilSettled(task: ScopedTask<unknown>, untilMs: number, pool: BlockedPool): void {
  while (!task.settled) {
    timers.runDue();
    const own = pumpOf(task, pool);
    const foreign = otherPumps(pool, own);
    if (task.settled || timers.now() >= untilMs) return;
    for (const pump of foreign) pump(0);
    if (task.settled) return;
    const leftMs = Math.min(untilMs, timers.nextAtMs) - timers.now();
    const turnMs = Math.max(0, Math.min(foreign.size > 0 ? sharedTurnMs : longestTurnMs, leftMs));
    if (own) own(turnMs);
    else blockFor(turnMs);
  }
}

/** Moves the pool; how to block on its workers, `undefined` while it has none. */
function pumpOf(task: ScopedTask<unknown>, pool: BlockedPool): Pump | undefined {
  const [link] = pool.serveBlocked();
  if (link === undefined || link.pump !== undefined) return link?.pump;
  throw new UnsupportedError(
    `joinSync cannot serve the pool ${pool.name}: its workers cannot be read while this thread is blocked. Await the task ${task.name} instead.`,
    "joinSync",
  );
}

/** Moves the other pools; the pumps of their transports, as far as they are other ones. */
function otherPumps(pool: BlockedPool, own: Pump | undefined): ReadonlySet<Pump> {
  const pumps = new Set<Pump>();
  for (const other of others) {
    if (other === pool) continue;
    for (const { pump } of other.serveBlocked()) if (pump !== undefined && pump !== own) pumps.add(pump);
  }
  return pumps;
}
