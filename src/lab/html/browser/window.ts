// The stretch of time that is shown. Moving and zooming give a new one that lies within the whole and is never shorter than a µs.

/** From and to, in µs. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

const shortest = 1;

/** A window within 0 … `end`. */
export function within(from: number, to: number, end: number): TimeWindow {
  const length = Math.min(Math.max(to - from, shortest), Math.max(end, shortest));
  const start = Math.min(Math.max(0, from), Math.max(end, shortest) - length);
  return { from: start, to: start + length };
}

/** Moved by a share of its length. */
export function moved({ from, to }: TimeWindow, share: number, end: number): TimeWindow {
  const by = (to - from) * share;
  return within(from + by, to + by, end);
}

/** Longer by a factor, or shorter; the time at `share` (0 left … 1 right) stays where it is. */
export function zoomed({ from, to }: TimeWindow, factor: number, share: number, end: number): TimeWindow {
  const fixed = from + (to - from) * share;
  const length = Math.min(Math.max((to - from) * factor, shortest), Math.max(end, shortest));
  return within(fixed - length * share, fixed + length * (1 - share), end);
}
