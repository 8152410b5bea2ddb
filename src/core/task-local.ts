// Task-local values (Java's ScopedValue, TC39's AsyncContext.Variable): immutable bindings that follow a task.
import { currentLocals, enterLocals } from "./context.ts";
import type { LocalBinding } from "./scope.ts";

/** A value that follows the task and its children, also to other levels, where the name identifies it: a worker's
 *  instance of the same name finds the value, so define it in a module that both sides import. Never waits.
 *
 *  @example
 *  ```ts
 *  const locale = new TaskLocal("locale", "en");
 *  const there = await locale.run("de", () => coroutines.run(() => locale.get())); // "de"
 *  ```
 */
export class TaskLocal<in out T> {
  readonly name: string;
  readonly #defaultValue: T;

  constructor(name: string, defaultValue: T) {
    if (typeof name !== "string" || name === "") throw new TypeError('TaskLocal needs a name: new TaskLocal("locale", "en").');
    this.name = name;
    this.#defaultValue = defaultValue;
  }

  /** The value in force here, else the default. */
  get(): T {
    for (let binding = currentLocals(); binding; binding = binding.next) {
      if (binding.key === this || (binding.key === undefined && binding.name === this.name)) return binding.value as T;
    }
    return this.#defaultValue;
  }

  /** Calls `fn` with the value set for it and every task it starts. */
  run<R>(value: T, fn: () => R): R {
    return enterLocals({ key: this, name: this.name, value, next: currentLocals() }, fn);
  }
}

/** The values in force as names and values, the newest of each name: what crosses to another level. */
export function bindingsByName(first: LocalBinding | undefined): [name: string, value: unknown][] {
  const seen = new Map<string, unknown>();
  for (let binding = first; binding; binding = binding.next) {
    if (!seen.has(binding.name)) seen.set(binding.name, binding.value);
  }
  return [...seen];
}

/** The reverse, on the other level. */
export function bindingsFrom(entries: readonly (readonly [name: string, value: unknown])[]): LocalBinding | undefined {
  let list: LocalBinding | undefined;
  for (const [name, value] of entries) list = { key: undefined, name, value, next: list };
  return list;
}
