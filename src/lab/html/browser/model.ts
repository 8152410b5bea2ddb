// Spans made ready to be drawn sixty times a second: for each lane the spans in order, none overlapping, with the time that the lane was busy before
// each, so that any stretch of time is summed up by two searches. Knows no page.
import type { LaneData } from "../lanes.ts";

/** A row of bars. Times are µs. */
export interface Lane {
  readonly worker: string;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly items: Int32Array;
  /** Busy time before each span. */
  readonly before: Float64Array;
}

/** How many at once, where bars would be too many: steps up and down, and the most in each block of 64 steps. */
export interface Crowd {
  readonly times: Float64Array;
  readonly counts: Int32Array;
  readonly blocks: Int32Array;
  readonly most: number;
}

/** Lanes under a title. */
export interface Group {
  readonly title: string;
  readonly level: string;
  readonly lanes: readonly Lane[];
  readonly crowd: Crowd | undefined;
}

/** More rows than this for spans that overlap on one worker are drawn as a crowd. */
const mostRows = 12;
const block = 64;

/** A group from its columns. */
export function groupOf(data: LaneData): Group {
  const order = data.start.map((_, i) => i).sort((a, b) => at(data.start, a) - at(data.start, b));
  const rows = new Map<number, { worker: number; last: number; spans: number[] }[]>();
  let crowded = false;
  for (const i of order) {
    const worker = at(data.worker, i);
    const own = rows.get(worker) ?? [];
    rows.set(worker, own);
    const start = at(data.start, i);
    // Spans of one worker that follow one another touch: a µs is what rounding may have moved them.
    const free = own.find(({ last }) => last <= start + 1);
    const row = free ?? { worker, last: 0, spans: [] };
    if (free === undefined) own.push(row);
    row.last = start + at(data.length, i);
    row.spans.push(i);
    if (own.length > mostRows) {
      crowded = true;
      break;
    }
  }
  const { title, level } = data;
  if (crowded) return { title, level, lanes: [], crowd: crowdOf(data) };
  const lanes = [...rows.keys()]
    .sort((a, b) => a - b)
    .flatMap((worker) => (rows.get(worker) ?? []).map(({ spans }) => laneOf(data, worker, spans)));
  return { title, level, lanes, crowd: undefined };
}

function at(list: readonly number[], i: number): number {
  return list[i] ?? 0;
}

function laneOf(data: LaneData, worker: number, spans: readonly number[]): Lane {
  const starts = Float64Array.from(spans, (i) => at(data.start, i));
  const ends = Float64Array.from(spans, (i) => at(data.start, i) + at(data.length, i));
  const before = new Float64Array(spans.length + 1);
  for (let k = 0; k < spans.length; k++) before[k + 1] = (before[k] ?? 0) + (ends[k] ?? 0) - (starts[k] ?? 0);
  return { worker: data.workers[worker] ?? "", starts, ends, items: Int32Array.from(spans, (i) => at(data.item, i)), before };
}

function crowdOf(data: LaneData): Crowd {
  const steps = data.start.flatMap((start, i) => [
    { time: start, by: 1 },
    { time: start + at(data.length, i), by: -1 },
  ]);
  // Who ends makes room for who begins.
  steps.sort((a, b) => a.time - b.time || a.by - b.by);
  const times = new Float64Array(steps.length);
  const counts = new Int32Array(steps.length);
  const blocks = new Int32Array(Math.ceil(steps.length / block));
  let now = 0;
  let most = 0;
  steps.forEach(({ time, by }, i) => {
    now += by;
    times[i] = time;
    counts[i] = now;
    const b = Math.floor(i / block);
    blocks[b] = Math.max(blocks[b] ?? 0, now);
    most = Math.max(most, now);
  });
  return { times, counts, blocks, most };
}

/** The first place whose value is above `value`, in a rising list. */
export function firstAbove(list: Float64Array, value: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How long a lane was busy between two times. */
export function busyBetween(lane: Lane, from: number, to: number): number {
  return busyUntil(lane, to) - busyUntil(lane, from);
}

function busyUntil({ starts, ends, before }: Lane, time: number): number {
  const i = firstAbove(ends, time);
  const start = starts[i];
  return (before[i] ?? 0) + (start !== undefined && start < time ? time - start : 0);
}

/** The most at once between two times. */
export function mostBetween({ times, counts, blocks }: Crowd, from: number, to: number): number {
  const first = firstAbove(times, from) - 1;
  const last = firstAbove(times, to) - 1;
  let most = 0;
  for (let i = Math.max(0, first); i <= last; ) {
    if (i % block === 0 && i + block <= last) {
      most = Math.max(most, blocks[i / block] ?? 0);
      i += block;
    } else most = Math.max(most, counts[i++] ?? 0);
  }
  return most;
}

/** The span of a lane at a time, as its place; `undefined` between spans. `slack` is how far off it may be. */
export function spanAt({ starts, ends }: Lane, time: number, slack: number): number | undefined {
  const i = firstAbove(ends, time - slack);
  const start = starts[i];
  return start !== undefined && start <= time + slack ? i : undefined;
}

/** The end of all groups. */
export function endOf(groups: readonly Group[]): number {
  let end = 0;
  for (const { lanes, crowd } of groups) {
    for (const { ends } of lanes) end = Math.max(end, ends.at(-1) ?? 0);
    end = Math.max(end, crowd?.times.at(-1) ?? 0);
  }
  return end;
}
