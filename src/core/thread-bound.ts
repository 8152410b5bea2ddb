// What belongs to its thread: a channel or a lock of coroutines is a state that only this thread can see. Sent to a worker it would arrive
// as an object without any of it, so its class says what it is and the codec refuses it by that name.

/** Registered, so that two copies of brigade in one program know each other's. */
const threadBound = Symbol.for("brigade.thread-bound");

/** Says of every instance of a class that it cannot travel; `what` it is, such as `a Mutex`. */
export function bindToThread(cls: { readonly prototype: object }, what: string): void {
  Object.defineProperty(cls.prototype, threadBound, { value: what });
}

/** What an object is that belongs to its thread; `undefined` for everything else. */
export function boundToThread(value: object): string | undefined {
  const what: unknown = Reflect.get(value, threadBound);
  return typeof what === "string" ? what : undefined;
}
