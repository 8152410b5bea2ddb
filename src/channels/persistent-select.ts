// A select for loops. A `select` made anew each time goes to the end of every line each time, and its `after` begins anew (Tokio's
// best known trap); this one keeps its places from round to round, and its clocks run on.
//
// States: **idle** ⇄ **in a round**, and from both → **disposed**. Between rounds its cases stand in their lines and are passed over.
import { CancelledError, UnsupportedError } from "../contract/errors.ts";
import type { Selected, SelectOptions, WaitOptions } from "../contract/waiting.ts";
import { enterOperation } from "../core/parked.ts";
import { bindToThread } from "../core/thread-bound.ts";
import type { Clauses } from "./select.ts";
import { clauseOf, SelectCase } from "./select-case.ts";
import { type Chosen, Selection } from "./selection.ts";
import { paid } from "./turns.ts";

/** A `select` for loops: it keeps its place in every line from one `next()` to the following one, and an `after` begins with the
 *  `Select` and again whenever it was chosen. Between rounds nothing is received, sent or acquired. What stays ready (a closed
 *  channel, a settled task, an aborted signal) is chosen again and again until it is disabled by `set(key, null)`.
 *
 *  Dispose it to leave the lines. Leaving a `for await` over it does that, too; a later round then begins at the end of each line.
 *
 *  @example
 *  ```ts
 *  const jobs = new Channel<string>(2);
 *  const stop = new Channel<void>();
 *  jobs.trySend("sweep");
 *  jobs.trySend("mop");
 *  jobs.close();
 *  const loop = new Select({ job: jobs.receiving(), stop: stop.receiving(), tick: after(5) });
 *  for await (const got of loop) {
 *    if (got.key === "job" && got.value === undefined) loop.set("job", null);
 *    else if (got.key === "job") console.log(got.value);
 *    else break;
 *  }
 *  ```
 */
export class Select<C extends Clauses> implements AsyncIterable<Selected<C>>, Disposable {
  readonly #selection: Selection;
  /** What ends a round that waits, and every later one; there once it is disposed. */
  #disposal: CancelledError | undefined = undefined;

  /** Throws `TypeError` for what is no clause. Never waits. */
  constructor(clauses: C, options?: Pick<SelectOptions, "biased">) {
    this.#selection = new Selection(options?.biased === true, true);
    for (const key of Object.keys(clauses)) {
      this.#selection.cases.push(new SelectCase(key, this.#selection, clauseOf(key, clauses[key], true)));
    }
  }

  /** Waits until one clause is ready and commits exactly that one. What is cancelled or timed out did not happen, and keeps its
   *  places. Rejects as `select` does, with `UnsupportedError` while another round waits, and with `CancelledError` once disposed.
   *  Parks the task.
   *
   *  @example
   *  ```ts
   *  const loop = new Select({ tick: after(1) });
   *  const got = await loop.next({ timeout: 1_000 });
   *  console.log(got.key); // tick
   *  ```
   */
  next(options?: WaitOptions): Promise<Selected<C>> {
    return this.#round(options) as Promise<Selected<C>>;
  }

  #round(options: WaitOptions | undefined): Promise<Chosen> {
    const selection = this.#selection;
    try {
      const scope = enterOperation(options);
      if (this.#disposal !== undefined) throw this.#disposal;
      if (selection.open) {
        throw new UnsupportedError("A Select has one round at a time: await the one that waits, or make another Select.", "rounds at once");
      }
      const chosen = selection.attempt(true);
      return chosen === undefined ? selection.park(scope, options) : paid(chosen);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Replaces a clause, or disables it with `null`; a round that waits goes on with the new one. The new one stands at the end of its
   *  line. Throws `TypeError` for a key that was not given to the constructor and for what is no clause. Never waits.
   *
   *  @example
   *  ```ts
   *  const results = new Channel<number>(1);
   *  const loop = new Select({ sent: results.sending(1), late: after(1_000) });
   *  await loop.next();
   *  loop.set("sent", null);
   *  loop[Symbol.dispose]();
   *  ```
   */
  set<K extends keyof C & string>(key: K, clause: C[K] | null): void {
    const selection = this.#selection;
    const place = selection.cases.findIndex((each) => each.key === key);
    const former = selection.cases[place];
    if (former === undefined) {
      throw new TypeError(`This Select has no clause ${JSON.stringify(key)}: give it to the constructor, as null if need be.`);
    }
    const next = new SelectCase(key, selection, clauseOf(key, clause, true));
    former.letGo();
    selection.cases[place] = next;
    selection.join(next);
  }

  /** Rounds without end; ends when it is disposed. Parks the task for each. */
  [Symbol.asyncIterator](): AsyncIterator<Selected<C>, undefined, undefined> {
    const over = { value: undefined, done: true } as const;
    return {
      next: async () => {
        try {
          if (this.#disposal !== undefined) return over;
          return { value: await this.next(), done: false };
        } catch (error) {
          // A loop that ends by an error is left, too, and is not told of it.
          this.#leave();
          if (error !== this.#disposal) throw error;
          return over;
        }
      },
      return: async () => {
        this.#leave();
        return over;
      },
    };
  }

  /** Leaves all lines for now, unless somebody else waits in a round. */
  #leave(): void {
    if (!this.#selection.open) this.#selection.leave();
  }

  /** Leaves all lines; a round that waits rejects with `CancelledError`. Idempotent. Never waits. */
  [Symbol.dispose](): void {
    if (this.#disposal !== undefined) return;
    this.#disposal = new CancelledError("This Select was disposed: make another one.");
    this.#selection.reject(this.#disposal);
    for (const each of this.#selection.cases) each.letGo();
  }
}
bindToThread(Select, "a Select");
