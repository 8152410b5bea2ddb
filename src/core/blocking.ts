// Blocking waits of brigade's own: where a thread is about to stand still on purpose (`joinSync`, the `…Sync` operations), it says so, so
// that an observer can tell who was kept waiting meanwhile. With no recorder installed that costs one comparison on either side.
//
// Rule for callers: every `enterBlockingWait` is followed by one `leaveBlockingWait`, in a `finally`. They nest.

/** Who takes the notes; told synchronously, on the thread that blocks. Never throws or waits. */
export interface BlockingRecorder {
  /** This thread begins to wait for `what`, in words, such as `the task "parse"`. */
  entered(what: string): void;
  /** It goes on. */
  left(): void;
}

let blockingRecorder: BlockingRecorder | undefined;

/** Installs a recorder, or none; returns the one that was there. */
export function exchangeBlockingRecorder(next: BlockingRecorder | undefined): BlockingRecorder | undefined {
  const previous = blockingRecorder;
  blockingRecorder = next;
  return previous;
}

/** This thread is about to block until `what` has happened; nothing else can run on it meanwhile. */
export function enterBlockingWait(what: string): void {
  blockingRecorder?.entered(what);
}

/** The wait is over. */
export function leaveBlockingWait(): void {
  blockingRecorder?.left();
}
