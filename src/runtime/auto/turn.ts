// How long an asynchronous call holds the thread in the turn of the event loop in which it begins: with all that it does after `await`s
// that wait for nothing. (A function that only looks asynchronous computes there.) Calls that begin in the same turn share its time
// evenly: they come in batches of one function. One turn at a time is measured; later turns of a call are not seen.

/** A turn that is being measured. */
export interface Turn {
  /** The call has given a promise: its time is told when the turn is over, and then this resolves. */
  watch(): Promise<void>;
}

let measuring = false;
let begun = 0;

/** Begins, unless another turn is being measured; `tell` receives ms at the end of the turn, if it is watched. */
export function measureTurn(tell: (ms: number) => void): Turn | undefined {
  if (measuring) return undefined;
  const first = begun;
  const startedAt = performance.now();
  return {
    watch() {
      measuring = true;
      return new Promise((resolve) => {
        // before timers and what arrives from outside, which are not the call's
        setImmediate(() => {
          measuring = false;
          tell((performance.now() - startedAt) / Math.max(1, begun - first));
          resolve();
        });
      });
    },
  };
}

/** A call begins in this turn; told for every one, after `measureTurn`. */
export function noteCall(): void {
  begun++;
}
