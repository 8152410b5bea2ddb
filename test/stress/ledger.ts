// The ledger of a stress run: what was submitted, how each ended, what was wrong with that.
import { isDeepStrictEqual } from "node:util";
import type { Outcome, Task } from "../../src/runtime/index.ts";

/** What may become of a task. Names are those of errors, or `any`. */
export interface Expectation {
  readonly label: string;
  /** Whether a value is the right one; absent when no value may come. */
  readonly value?: ((value: unknown) => boolean) | undefined;
  readonly failures: ReadonlySet<string>;
}

interface Entry {
  readonly label: string;
  readonly sinceMs: number;
  promises: number;
  callbacks: number;
  state: string | undefined;
}

export class Ledger {
  readonly counts = new Map<string, number>();
  readonly violations: string[] = [];
  readonly latenciesMs: number[] = [];
  /** The same for workers that were stopped and not killed. */
  readonly stoppedMs: number[] = [];
  readonly #open = new Set<Entry>();

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  violate(message: string): void {
    this.count("violations");
    if (this.violations.length < 50) this.violations.push(message);
  }

  /** Entries that have not settled, oldest first. */
  get open(): readonly Readonly<Entry>[] {
    return [...this.#open];
  }

  /** Watches a task: its promise and its `onDone` must each come exactly once, say the same, and say what is expected. Resolves
   *  after both. */
  track(task: Task<unknown>, expectation: Expectation): Promise<void> {
    const entry: Entry = { label: expectation.label, sinceMs: performance.now(), promises: 0, callbacks: 0, state: undefined };
    this.#open.add(entry);
    this.count("submitted");
    return new Promise((resolve) => {
      const settled = (via: "promises" | "callbacks", state: string): void => {
        if (++entry[via] > 1) this.violate(`${entry.label}: ${via} settled ${entry[via]} times`);
        if (entry.state !== undefined && entry.state !== state) this.violate(`${entry.label}: both ${entry.state} and ${state}`);
        entry.state = state;
        if (entry.promises === 1 && entry.callbacks === 1) {
          this.#open.delete(entry);
          resolve();
        }
      };
      task.onDone((outcome) => {
        this.#judge(task, outcome, expectation);
        settled("callbacks", outcome.state === "succeeded" ? "fulfilled" : "rejected");
      });
      task.then(
        () => settled("promises", "fulfilled"),
        () => settled("promises", "rejected"),
      );
    });
  }

  /** Watches any other promise. */
  async trackPromise(promise: PromiseLike<unknown>, expectation: Expectation): Promise<void> {
    const entry: Entry = { label: expectation.label, sinceMs: performance.now(), promises: 0, callbacks: 0, state: undefined };
    this.#open.add(entry);
    this.count("operations");
    try {
      const value = await promise;
      if (!expectation.value?.(value)) this.violate(`${expectation.label}: unexpected value ${show(value)}`);
    } catch (error) {
      this.#judgeError(error, expectation);
    }
    this.#open.delete(entry);
  }

  #judge(task: Task<unknown>, outcome: Outcome<unknown>, expectation: Expectation): void {
    this.count(outcome.state);
    if (task.abandoned) this.count("abandoned");
    if (task.state !== outcome.state) this.violate(`${expectation.label}: state ${task.state}, outcome ${outcome.state}`);
    if (outcome.state !== "succeeded") this.#judgeError(outcome.error, expectation);
    else if (expectation.value === undefined) this.violate(`${expectation.label}: succeeded with ${show(outcome.value)}`);
    else if (!expectation.value(outcome.value)) this.violate(`${expectation.label}: wrong value ${show(outcome.value)}`);
  }

  #judgeError(error: unknown, { label, failures }: Expectation): void {
    const name = nameOf(error);
    this.count(`error ${failures.has("any") ? "of the task's own" : name}`);
    if (!failures.has("any") && !failures.has(name)) this.violate(`${label}: unexpected ${name}: ${messageOf(error)}`);
  }
}

/** Whether `value` is the answer to `n`. */
export function answers(n: number, sent?: unknown): (value: unknown) => boolean {
  return (value) => {
    const { n: got, value: back } = (value ?? {}) as { n?: unknown; value?: unknown };
    return got === n && isDeepStrictEqual(back, sent);
  };
}

export function nameOf(error: unknown): string {
  try {
    return error instanceof Error ? error.name : typeof error;
  } catch {
    return "unnameable";
  }
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "no message";
  }
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value, (_, each) => (typeof each === "bigint" ? String(each) : each))?.slice(0, 120) ?? typeof value;
  } catch {
    return typeof value;
  }
}
