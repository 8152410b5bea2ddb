// Detector of blocking waits on the event loop's thread: `joinSync` or a `…Sync` operation stood still on purpose, while coroutines of this
// thread could have run. On a worker blocking is harmless more often than not, so only the main thread is looked at.
import { isMainThread } from "node:worker_threads";
import { type BlockingRecorder, exchangeBlockingRecorder } from "../../core/blocking.ts";
import { currentScope } from "../../core/context.ts";
import type { CancelScope } from "../../core/scope.ts";
import type { Report } from "../finding.ts";
import type { Ledgers } from "../ledgers/ledgers.ts";
import { Origin, taskAround, thisWorker } from "../origin.ts";

/** A wait in progress. */
interface BlockingWait {
  readonly what: string;
  /** Of the machine's clock: a virtual one stands still meanwhile. */
  readonly atMs: number;
  readonly origin: Origin;
  readonly scope: CancelScope;
}

export class BlockingWaitDetector implements BlockingRecorder {
  readonly #ledgers: Ledgers;
  readonly #report: Report;
  #limitMs = 0;
  /** They nest: a frame that is served meanwhile may block itself. */
  readonly #waits: BlockingWait[] = [];
  /** When the last wait that is a finding ended. */
  #lastEndedMs = Number.NEGATIVE_INFINITY;

  constructor(ledgers: Ledgers, report: Report) {
    this.#ledgers = ledgers;
    this.#report = report;
  }

  /** Reports waits of at least so long; 0 is off. */
  watch(limitMs: number): void {
    if (!isMainThread) return;
    this.#limitMs = limitMs;
    exchangeBlockingRecorder(limitMs > 0 ? this : undefined);
  }

  /** Whether the loop stood still after this instant (`performance.now()`) for a wait that is a finding of its own. */
  explains(fromMs: number): boolean {
    return this.#lastEndedMs > fromMs;
  }

  entered(what: string): void {
    this.#waits.push({ what, atMs: performance.now(), origin: new Origin(), scope: currentScope() });
  }

  left(): void {
    const wait = this.#waits.pop();
    if (wait === undefined || this.#waits.length > 0) return;
    const nowMs = performance.now();
    const blockedMs = Math.round(nowMs - wait.atMs);
    const keptWaiting = blockedMs < this.#limitMs ? 0 : this.#couldRun(wait.scope);
    if (keptWaiting === 0) return;
    this.#lastEndedMs = nowMs;
    // Told when the wait is over for the program too: this is still inside of it.
    queueMicrotask(() => this.#tell(wait, blockedMs, keptWaiting));
  }

  /** Coroutines that wait for nothing that brigade knows of, those aside that this code is part of. */
  #couldRun(scope: CancelScope): number {
    const excused = new Set<CancelScope>();
    excuse(scope, excused);
    for (const operation of this.#ledgers.parks.operations.keys()) excuse(operation.scope, excused);
    const { live } = this.#ledgers.tasks;
    // A task with tasks of its own is likely to wait for them.
    for (const task of live.keys()) excuse(task.parent, excused);
    return [...live.keys()].filter((task) => (task.level === "serial" || task.level === "coroutine") && !excused.has(task)).length;
  }

  #tell({ what, origin, scope }: BlockingWait, blockedMs: number, keptWaiting: number): void {
    this.#report({
      code: "blocking-wait",
      blockedMs,
      keptWaiting,
      message:
        `The event loop's thread was blocked for ${blockedMs} ms to wait for ${what}, and kept ` +
        `${keptWaiting === 1 ? "one coroutine" : `${keptWaiting} coroutines`} waiting that could have run.`,
      fix: "Await instead of blocking: await task instead of task.joinSync(), the operation without Sync in its name.",
      stack: origin.stack,
      worker: thisWorker(),
      task: taskAround(scope),
    });
  }
}

function excuse(scope: CancelScope | undefined, excused: Set<CancelScope>): void {
  for (let each = scope; each !== undefined && !excused.has(each); each = each.parent) excused.add(each);
}
