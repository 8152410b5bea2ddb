// The seam between a pool and its transports: the near side of one worker, and the worker's own side. What a link owes:
// frames arrive whole, once and in order; nothing arrives after `onExit`; `onExit` comes exactly once, whatever happened.
import type { Permissions } from "../../contract/executor.ts";
import type { PortableReference } from "../../contract/portable.ts";
import type { FrameFromWorker, FrameToWorker } from "./frames.ts";

/** What a worker is started with. */
export interface WorkerSettings {
  /** Name of the worker, such as `threads-1`; shown in output, errors and traces. */
  readonly name: string;
  readonly setup?: PortableReference | undefined;
  readonly teardown?: PortableReference | undefined;
  /** Megabytes of heap. */
  readonly memoryLimit?: number | undefined;
  /** Megabytes of stack. */
  readonly stackSize?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly nice?: number | undefined;
  readonly cpus?: readonly number[] | undefined;
  readonly permissions?: Permissions | undefined;
}

/** How a worker ended. */
export interface WorkerExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What brought it down, when the runtime said so (uncaught error, out of memory, could not start). */
  readonly error?: unknown;
  /** The end of its stderr, at most 4 KiB. */
  readonly stderrTail: string;
}

/** What a link tells the pool. Called synchronously, never from inside `openLink` or `send`. */
export interface LinkEvents {
  onFrame(frame: FrameFromWorker): void;
  /** Output of the worker, in pieces as they come. */
  onOutput(stream: "stdout" | "stderr", text: string): void;
  /** What had arrived has been handed over; the worker may also have claimed runs (`Link.offers`). From links that send ahead,
   *  and once more before `onExit`. */
  onDrained?(): void;
  /** Once, after the last frame. */
  onExit(exit: WorkerExit): void;
}

/** Runs that are sent ahead: they wait in the worker for their turn and can be taken back until it has claimed them. */
export interface RunOffers {
  /** Whether the transport takes another run without delay. */
  readonly hasRoom: boolean;
  /** The number under which a run may be sent ahead, the one after the number before (`numberAfter`); `undefined` when too many are. */
  offer(): number | undefined;
  /** Takes it back: true when the worker has not claimed it, and never will. */
  revoke(number: number): boolean;
  isClaimed(number: number): boolean;
  /** It is over: it has been answered, taken back, or its worker is gone. */
  close(number: number): void;
}

/** The near side of one worker. It never keeps the program alive; the pool does while work is waiting or running. */
export interface Link {
  /** The thread id or process id, once known. */
  readonly workerId: number | undefined;
  /** Whether one address space is shared: SharedArrayBuffers may be attached, bytes may be moved. */
  readonly sharesMemory: boolean;
  /** Delivers in order; does nothing when the worker is gone. Throws nothing. */
  send(frame: FrameToWorker): void;
  /** Ends the worker by force, at once. Idempotent; `onExit` follows. */
  kill(): void;
  /** How runs are sent ahead; absent where the transport has no way to take them back. */
  readonly offers?: RunOffers | undefined;
  /** What came from the worker cannot be: ends it by force, with this as the reason. */
  distrust(error: unknown): void;
  /** Raises the shared flag that `checkpointSync` reads in the worker, where there is one. */
  raiseFlag(): void;
  /** Blocks the calling thread until some link of this transport has something to read, `timeoutMs` at most, then hands
   *  over everything that has arrived, exits included. Absent where the transport cannot be read synchronously. */
  readonly pump?: ((timeoutMs: number) => void) | undefined;
}

/** Starts a worker. Errors of starting come as `onExit` with `error`. */
export type OpenLink = (settings: WorkerSettings, events: LinkEvents) => Link;

/** The worker's own side. */
export interface FarLink {
  readonly sharesMemory: boolean;
  /** Delivers in order. */
  send(frame: FrameFromWorker): void;
  /** Sets who receives frames; frames wait until then. */
  receive(onFrame: (frame: FrameToWorker) => void): void;
  /** Takes up the run that was offered under this number; false when it was taken back; `undefined` when that cannot be told before
   *  the next run or `claims` frame. Absent where nothing is sent ahead. */
  claim?(number: number): boolean | undefined;
  /** The other side does not see claims at once: `started` tells it of tasks that do not end in their first step. */
  readonly claimsUnseen?: boolean | undefined;
  /** True when the near side raised the flag, or the transport cannot tell cheaply and wants `poll`; lowers the flag. */
  flagged(): boolean;
  /** Hands over what has arrived without giving the event loop a turn. Never waits. */
  poll(): void;
  /** Blocks the thread until something has arrived, `timeoutMs` at most, then polls. Absent where impossible. */
  readonly wait?: ((timeoutMs: number) => void) | undefined;
  /** Resolves when everything sent has been handed to the operating system or to the other thread. */
  flush(): Promise<void>;
}

/** What the boot file knows of its worker, given by the transport. */
export interface FarStart {
  readonly level: "thread" | "process";
  readonly name: string;
  /** What the ids of its tasks begin with. */
  readonly taskIdPrefix: string;
  readonly link: FarLink;
  readonly setup: PortableReference | undefined;
  readonly teardown: PortableReference | undefined;
  /** Megabytes of heap. */
  readonly memoryLimit: number | undefined;
}
