// Findings: pitfalls that happened in a running program, as plain data. One shape for all, told apart by `code`.
import type { Level } from "../contract/portable.ts";

/** What every finding tells. */
export interface FindingBase {
  /** What happened, in one or two sentences. */
  readonly message: string;
  /** What to change. */
  readonly fix: string;
  /** The guilty stack: lines as in `Error.stack` without its header, brigade's and Node's own frames left out. Where several places
   *  are guilty, each has a line above its frames that says what it did. Empty when there is none; the message says why. */
  readonly stack: string;
  /** The thread it happened on: `"main"`, or `"thread 3"` by its `threadId`. */
  readonly worker: string;
  /** Name and id of the task whose code it was, such as `parse (t3)`; `undefined` outside any task, and where it cannot be told. */
  readonly task: string | undefined;
}

/** An operation that nothing can end any more. */
export interface StuckOperation {
  /** The task that waits; `undefined` outside any task. */
  readonly task: string | undefined;
  /** What it waits for, in words, such as `the mutex "db"`. */
  readonly waitingFor: string;
  /** For how long, when the program ended. */
  readonly sinceMs: number;
  /** Where it began to wait. */
  readonly stack: string;
}

/** A pitfall that happened. Times in milliseconds. */
export type Finding = FindingBase &
  (
    | {
        readonly code: "blocked-loop";
        /** How long no timer, socket or coroutine of this thread could run. */
        readonly blockedMs: number;
      }
    | {
        readonly code: "blocking-wait";
        /** How long this thread stood still on purpose (`joinSync`, a `…Sync` operation). */
        readonly blockedMs: number;
        /** Coroutines that could have run meanwhile. */
        readonly keptWaiting: number;
      }
    | {
        readonly code: "deadlock";
        /** Who holds what and waits for what, one line each, back to the first. */
        readonly cycle: readonly string[];
      }
    | { readonly code: "lost-update"; readonly writers: readonly string[] }
    | {
        readonly code: "lock-held-too-long";
        /** In words, such as `the mutex "db"`. */
        readonly lock: string;
        /** So far: it is still held. */
        readonly heldMs: number;
      }
    | { readonly code: "level-too-heavy"; readonly level: Level; readonly better: Level }
    | {
        readonly code: "stuck-at-exit";
        /** Everything that still waits although the event loop has nothing left to do. */
        readonly waiting: readonly StuckOperation[];
      }
    | {
        readonly code: "lost-failure";
        /** What the task failed with. */
        readonly error: unknown;
      }
    | {
        readonly code: "unawaited-task";
        /** How long it had been there when the program ended. */
        readonly sinceMs: number;
      }
  );

/** What a finding is told apart by. */
export type FindingCode = Finding["code"];

/** All codes that are found today. */
export const findingCodes = [
  "blocked-loop",
  "blocking-wait",
  "deadlock",
  "lock-held-too-long",
  "lost-failure",
  "stuck-at-exit",
  "unawaited-task",
] as const satisfies readonly FindingCode[];

/** Where detectors bring what they find. Readers are told on the spot, so nobody calls it from inside an operation. */
export type Report = (finding: Finding) => void;

/** Messages of the `diagnostics_channel` channels of these names; published only while somebody watches. */
export interface DiagnosticsChannels {
  readonly "brigade:finding": Finding;
}
