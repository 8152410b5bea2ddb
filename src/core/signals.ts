// Signal hub: one listener per AbortSignal, however many waiters share it. `addEventListener` checks the whole list for a
// duplicate, so a listener per task makes a shared signal quadratic (243 µs a task at 100,000 tasks).

/** What a hub tells; compared by identity. */
export interface SignalListener {
  onAbort(reason: unknown): void;
}

const hubs = new WeakMap<AbortSignal, Set<SignalListener>>();

/** Calls `listener.onAbort` once when the signal aborts. The caller has already handled one that is aborted. */
export function listenToSignal(signal: AbortSignal, listener: SignalListener): void {
  const known = hubs.get(signal);
  if (known) {
    known.add(listener);
    return;
  }
  const hub = new Set([listener]);
  hubs.set(signal, hub);
  signal.addEventListener(
    "abort",
    () => {
      const listeners = [...hub];
      hub.clear();
      for (const each of listeners) each.onAbort(signal.reason);
    },
    { once: true },
  );
}

/** Forgets a listener; nothing when it was called or never known. */
export function stopListening(signal: AbortSignal, listener: SignalListener): void {
  hubs.get(signal)?.delete(listener);
}

/** Refuses what is not a signal, with a message that names the option. */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`The option signal must be an AbortSignal, not ${signal === null ? "null" : typeof signal}.`);
  }
}
