// The longest time an event loop stood still: a short timer notes how late it comes. A loop that never turns shows as one gap
// when it is stopped — which a histogram of loop delays would miss, because it samples only when the loop turns.

/** A running stall meter. */
export interface StallMeter {
  /** Ends it and returns the longest stall in ms. */
  stop(): number;
}

const periodMs = 2;

/** Starts to watch this thread's event loop; the timer does not keep the program alive. `now` reads a clock in ms. */
export function openStallMeter(now: () => number = () => performance.now()): StallMeter {
  let last = now();
  let longestMs = 0;
  const note = () => {
    const at = now();
    longestMs = Math.max(longestMs, at - last - periodMs);
    last = at;
  };
  const timer = setInterval(note, periodMs);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      note();
      return longestMs;
    },
  };
}
