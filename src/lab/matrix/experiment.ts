// What an experiment is: something that is done once on one level, in a program of its own, and what was seen of it. It knows no
// executor; what it needs of the floors above it is lent by the program (`MatrixHost`).
import type { ChildProcess } from "node:child_process";
import type { Receiver, Sender } from "../../contract/channel.ts";
import type { Executor } from "../../contract/executor.ts";
import type { AnyFunction, Portable } from "../../contract/portable.ts";
import type { SharedGround } from "./shared-ground.ts";
import type * as tasks from "./tasks.ts";

/** The levels of the matrix, from the lightest to the heaviest. */
export const matrixLevels = ["coroutine", "thread", "process"] as const;
export type MatrixLevel = (typeof matrixLevels)[number];

/** What the units of a level are given to do. */
export type UnitTasks = { readonly [K in keyof typeof tasks]: Portable<Extract<(typeof tasks)[K], AnyFunction>> };

/** What the program lends to an experiment. */
export interface MatrixHost {
  /** One unit of a level, or `size`. Opened pools need not be closed: the program ends with its experiment. */
  open(options?: { readonly size?: number | undefined; readonly memoryMB?: number | undefined }): Executor;
  /** What units do, as this level takes it. */
  readonly tasks: UnitTasks;
  channel<T>(capacity: number): Sender<T> & Receiver<T>;
  /** Memory that this level's unit has in common with the program. Throws `UnsupportedError` where there is none. */
  shareGround(bytes: number): SharedGround;
  /** Says that what comes now may end this program or silence it for ever; resolves when that is out. */
  announceDanger(): Promise<void>;
  /** A folder for this measurement alone; whoever started it removes it. */
  readonly folder: string;
  /** Starts a bare child process whose only link is the platform's own channel, and which answers on it (`portAnswer`). */
  forkPort(): ChildProcess;
  /** Time to take samples in, in ms. */
  readonly timeMs: number;
  /** A short run: fewer units, fewer sizes. */
  readonly quick: boolean;
}

/** One figure over a size, such as speed-up over workers. */
export interface Point {
  readonly size: number;
  readonly value: number;
}

/** What was seen in one run on one level, by the names of the figures. */
export interface Observation {
  readonly figures: Readonly<Record<string, readonly number[]>>;
  /** What a figure means here, in a few words. */
  readonly words?: Readonly<Record<string, string>> | undefined;
  /** Why a figure cannot be had here. */
  readonly missing?: Readonly<Record<string, string>> | undefined;
  readonly series?: Readonly<Record<string, readonly Point[]>> | undefined;
}

/** How a program ended that had announced danger. */
export interface Ending {
  /** `died` by itself; `silent`: it did nothing more, and was killed. */
  readonly how: "died" | "silent";
  /** Such as `SIGABRT` or `exit code 7`. */
  readonly status: string;
}

/** Something to do on each level. Rows read its figures. */
export interface Experiment {
  readonly id: string;
  /** In words, for the progress bar. */
  readonly title: string;
  readonly levels: readonly MatrixLevel[];
  /** On one processor, where the system can bind a program to one. */
  readonly pinned?: boolean | undefined;
  /** What it shows is no matter of degree: a few rounds are enough. */
  readonly once?: boolean | undefined;
  /** It ends programs so that the system may want to keep what they had in memory: it is told not to, where it can be told. */
  readonly crashes?: boolean | undefined;
  /** Silence after the announcement of danger that means "for ever", in ms. */
  readonly silenceMs?: number | undefined;
  /** Flags of the runtime for its program. */
  flags?(level: MatrixLevel): readonly string[];
  /** Does it. Rejects when it cannot be done here; the message says why. */
  run(level: MatrixLevel, host: MatrixHost): Promise<Observation>;
  /** What it means that the program ended after the announcement. */
  ended?(level: MatrixLevel, ending: Ending): Observation;
}
