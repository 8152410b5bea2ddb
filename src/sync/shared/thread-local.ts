/** A value of its own in every thread, made at first use: each thread evaluates the module that declares it, and keeps its own.
 *
 *  @example
 *  ```ts
 *  const buffer = new ThreadLocal(() => new Uint8Array(1024));
 *  buffer.value[0] = 7;
 *  console.log(buffer.value[0]); // 7
 *  ```
 */
export class ThreadLocal<in out T> {
  readonly #create: () => T;
  #made: { value: T } | undefined;

  constructor(create: () => T) {
    if (typeof create !== "function") throw new TypeError("new ThreadLocal(create) needs a function that makes the value.");
    this.#create = create;
  }

  /** Throws what `create` throws, and then asks it again next time. */
  get value(): T {
    this.#made ??= { value: this.#create() };
    return this.#made.value;
  }

  set value(value: T) {
    this.#made = { value };
  }
}
