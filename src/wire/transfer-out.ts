// What a task moves instead of copying it, beside the value that it returns or yields.
import type { Transferable } from "node:worker_threads";

const lists = new WeakMap<object, readonly Transferable[]>();

/** The same value, noted to be moved and not copied when a task returns or yields it: what is in `list` (buffers, ports) is unusable in
 *  the worker afterwards. Between threads a buffer of any size then costs what a pointer does; to another process its bytes are
 *  written once, without a copy before. On levels that share the caller's thread, values are passed as they are. Never waits.
 *  `TypeError` for what is no object or no list. What cannot be moved fails the task with `NotSerializableError`.
 *
 *  @example
 *  ```ts
 *  const render = async (): Promise<Uint8Array> => {
 *    const pixels = new Uint8Array(1_000_000);
 *    return transfer(pixels, [pixels.buffer]);
 *  };
 *  ```
 */
export function transfer<T extends object>(value: T, list: readonly Transferable[]): T {
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    throw new TypeError("transfer needs the object that is returned: transfer(view, [view.buffer]).");
  if (!Array.isArray(list)) throw new TypeError("transfer needs a list of what is to be moved: transfer(view, [view.buffer]).");
  lists.set(value, [...list]);
  return value;
}

/** What is to be moved with a value. */
export function transferOf(value: unknown): readonly Transferable[] | undefined {
  return typeof value === "object" && value !== null ? lists.get(value) : undefined;
}
