// A chapter of the tour: a few plain words, then the thing itself, run live.
import type { Trace } from "../../observe/trace/trace.ts";

/** What a chapter is given to show what it does. */
export interface Stage {
  /** Columns to write. */
  readonly width: number;
  /** Text in plain words, wrapped. */
  say(text: string): void;
  /** What happened, as lanes under a title; titles are as short as a word. */
  lanes(title: string, trace: Trace<unknown>): void;
  /** Lines as they are, such as a table. */
  show(...lines: readonly string[]): void;
}

/** One idea. */
export interface Chapter {
  readonly title: string;
  /** The picture in words. */
  readonly picture: string;
  /** Runs it and shows what happened. Every figure that it says is measured in that moment. */
  play(stage: Stage): Promise<void>;
}

/** Milliseconds in words. */
export function milliseconds(ms: number): string {
  return ms >= 10 ? `${Math.round(ms)} ms` : ms >= 0.1 ? `${ms.toFixed(1)} ms` : `${(ms * 1_000).toFixed(1)} µs`;
}

/** How long something took, in ms, and what it gave. */
export async function timed<R>(fn: () => R): Promise<{ readonly ms: number; readonly value: Awaited<R> }> {
  const start = performance.now();
  const value = await fn();
  return { ms: performance.now() - start, value };
}

/** How much of some work takes about `ms` on this machine, undisturbed: `work` is tried with more and more, and then once more, because the
 *  first calls are for the compiler. */
export function amountFor(ms: number, work: (amount: number) => unknown): number {
  let amount = 1_000;
  for (let round = 0; ; ) {
    const start = performance.now();
    work(amount);
    const took = performance.now() - start;
    if (took < ms / 2) amount *= 2;
    else if (round++ < 2) amount = Math.round((amount * ms) / took);
    else return Math.round((amount * ms) / took);
  }
}
