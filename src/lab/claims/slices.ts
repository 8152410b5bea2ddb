// Whether two workers compute at the same instant. Each computes in short slices and notes when each began and ended, on the clock that
// the whole machine shares. Two slices that overlap ran at the same time, on two processors: had one processor served both in turns, one
// of the two slices would contain the turn of the other, and be far longer than a slice. That stands on a busy machine, too, where a
// speed-up does not.
import { cpus } from "node:os";
import { hrtime } from "node:process";
import type { Executor } from "../../contract/executor.ts";
import { portable } from "../../wire/portable.ts";
import { median } from "../compare/statistics.ts";
import { grouped } from "../text/units.ts";
import type { ThreadLock } from "./kit.ts";
import { compute, roundsFor } from "./work.ts";

const [sliceMs, tryMs] = [0.1, 200] as const;
/** A busy machine may not let two workers begin at the same time: asked so often before the answer is no. */
const tries = 5;
const mostSlices = 20_000;

/** What one worker is to do. */
export interface SlicePlan {
  /** Rounds of `compute` in a slice. */
  readonly rounds: number;
  readonly forMs: number;
  /** Held during each slice. */
  readonly lock?: ThreadLock | undefined;
}

/** Computes for so long. Returns beginnings and ends of the slices, one after the other, in ns. */
export const computeInSlices = portable(import.meta, "claims.computeInSlices", ({ rounds, forMs, lock }: SlicePlan): Float64Array => {
  const instants = new Float64Array(mostSlices * 2);
  const over = Number(hrtime.bigint()) + forMs * 1e6;
  let at = 0;
  for (let end = 0; end < over && at < instants.length; ) {
    const guard = lock?.acquireSync();
    instants[at++] = Number(hrtime.bigint());
    compute(rounds);
    end = Number(hrtime.bigint());
    instants[at++] = end;
    guard?.release();
  }
  return instants.slice(0, at);
});

/** What two tasks at once did. */
export type Overlap = Readonly<Record<"slices" | "simultaneous" | "processorsFree", number>>;

/** Gives two tasks to the executor at once: how many slices one computed, how many of them overlap one of the other, and how many
 *  processors of the machine had nothing to do meanwhile. */
export async function overlap(
  executor: Executor<"coroutine"> | Executor<"thread"> | Executor<"process">,
  lock?: ThreadLock | undefined,
): Promise<Overlap> {
  const plan: SlicePlan = { rounds: roundsFor(sliceMs), forMs: tryMs, lock };
  const both = (forMs: number) =>
    Promise.all([executor.run(computeInSlices, { ...plan, forMs }), executor.run(computeInSlices, { ...plan, forMs })]);
  // the first trip imports the module and warms it
  await both(10);
  let found: Overlap = { slices: 0, simultaneous: 0, processorsFree: 0 };
  for (let attempt = 0; attempt < tries && inParallel(found) === "unclear"; attempt++) {
    const [idle, startedAt] = [idleMs(), performance.now()];
    const [first, second] = await both(tryMs);
    const processorsFree = (idleMs() - idle) / (performance.now() - startedAt);
    found = { slices: first.length / 2, simultaneous: simultaneous(undisturbed(first), undisturbed(second)), processorsFree };
  }
  return found;
}

/** Whether they computed at the same instant. `unclear` when there were but a few such instants, or none, but no processor was free for
 *  any: then others had the machine, or it has one processor. */
export function inParallel({ slices, simultaneous, processorsFree }: Overlap): "yes" | "no" | "unclear" {
  if (simultaneous > Math.max(3, slices / 100)) return "yes";
  return simultaneous === 0 && slices > 0 && processorsFree > 0.3 ? "no" : "unclear";
}

/** `in 12 of 900 slices both computed at the same instant`. */
export function overlapSeen({ slices, simultaneous }: Overlap): string {
  return `in ${grouped(simultaneous)} of ${grouped(slices)} slices both computed at the same instant`;
}

/** Time that the processors of the machine have spent doing nothing, in ms. */
function idleMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}

type Span = readonly [begin: number, end: number];

/** Slices that nothing interrupted. */
function undisturbed(instants: Float64Array): Span[] {
  const spans = Array.from({ length: instants.length / 2 }, (_, index): Span => [instants[index * 2] ?? 0, instants[index * 2 + 1] ?? 0]);
  const usual = median(spans.map(([begin, end]) => end - begin));
  return spans.filter(([begin, end]) => end - begin < usual * 2);
}

/** How many of the first overlap one of the second; both in order of time, none overlapping its own. */
function simultaneous(first: readonly Span[], second: readonly Span[]): number {
  // a slice that only touches another may owe that to the reading of the clock
  const touchingNs = 5_000;
  let [count, at] = [0, 0];
  for (const [begin, end] of first) {
    while (at < second.length && (second[at]?.[1] ?? 0) < begin + touchingNs) at++;
    const other = second[at];
    if (other && Math.min(end, other[1]) - Math.max(begin, other[0]) > touchingNs) count++;
  }
  return count;
}
