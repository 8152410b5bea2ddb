// What is known of a function after some samples: plain data, the input of the cost model. Times in ms per call.
import type { Level } from "../../contract/portable.ts";

/** Where a figure lies with 95 % confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Figures of one function on this machine. */
export interface Profile {
  /** Inputs that were given. */
  readonly inputs: number;
  /** Different ones that were run. */
  readonly sampled: number;
  /** Calls that were timed, after warming up. */
  readonly calls: number;
  /** It returned a promise. */
  readonly isAsync: boolean;
  /** Mean over the samples, each at its median, with its confidence; and the longest. */
  readonly wallMs: number;
  readonly wallInterval: Interval;
  readonly longestMs: number;
  /** The first call ever, before anything was compiled. */
  readonly firstMs: number;
  /** On the thread that called it. */
  readonly cpuMs: number;
  /** On libuv's pool, for it: parallel already. */
  readonly poolMs: number;
  /** The rest of the program's processor time: collector and compiler. */
  readonly helperMs: number;
  /** Neither computing nor being computed for: waiting. */
  readonly waitMs: number;
  /** Longest time that the event loop stood still. */
  readonly longestSyncMs: number;
  /** Started all at once; absent for a function that is not asynchronous. */
  readonly together?: Together | undefined;
  /** Heap of the program after the run, and growth of it per call. */
  readonly heapMB: number;
  readonly travel: Travel;
  /** From a module not yet imported to one that is. */
  readonly importMs: number;
  readonly purity: Purity;
  /** Inputs that failed, and how the first did. */
  readonly failed: number;
  readonly failure?: string | undefined;
}

/** Several calls in flight at once on one thread. */
export interface Together {
  /** So many calls took so long, fewer first. */
  readonly points: readonly { readonly calls: number; readonly wallMs: number }[];
  /** Processor time of the thread per call, which nothing can overlap. */
  readonly cpuMs: number;
}

/** Arguments and results on their way: mean bytes and times, coding and decoding; or what keeps them here. */
export type Travel =
  | {
      readonly possible: true;
      readonly bytesIn: number;
      readonly bytesOut: number;
      /** On the submitting side: arguments coded, results decoded. */
      readonly hereMs: number;
      /** On the worker's side: arguments decoded, results coded. */
      readonly thereMs: number;
    }
  | { readonly possible: false; readonly what: "argument" | "result"; readonly reason: string };

/** What running it again, in another order, and elsewhere has shown. */
export type Purity =
  /** The same results every time, on the levels that are named; `differs` is the one where they were not. */
  | { readonly kind: "same"; readonly checked: readonly Level[]; readonly differs?: DifferenceElsewhere | undefined }
  /** Another result each time, everywhere: time, randomness, the world. */
  | { readonly kind: "varies"; readonly input: string }
  /** The result depends on the calls before it: state that each worker would have for itself. */
  | { readonly kind: "stateful"; readonly input: string }
  /** Alike here, different on every kind of worker that was tried. */
  | ({ readonly kind: "differs-elsewhere" } & DifferenceElsewhere);

/** The first input whose result is another one there. */
export interface DifferenceElsewhere {
  readonly where: Level;
  readonly input: string;
  readonly message: string;
}
