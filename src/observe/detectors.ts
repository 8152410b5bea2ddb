// The detectors of this thread, shared by everybody who watches: they run while there is a watcher, as finely as the most demanding one
// wants, and each watcher is told of what it asked for.
import { channel } from "node:diagnostics_channel";
import type { Finding } from "./finding.ts";
import { isReadingFindings } from "./finding-queue.ts";
import { BlockedLoopDetector } from "./findings/blocked-loop.ts";
import { BlockingWaitDetector } from "./findings/blocking-wait.ts";
import { DeadlockDetector } from "./findings/deadlock.ts";
import { LongHoldDetector } from "./findings/long-hold.ts";
import { LostFailureDetector } from "./findings/lost-failure.ts";
import { StuckAtExitDetector } from "./findings/stuck-at-exit.ts";
import { UnawaitedTaskDetector } from "./findings/unawaited-task.ts";
import { closeLedgers, type Ledgers, openLedgers } from "./ledgers/ledgers.ts";
import { LoopEnd } from "./loop-end.ts";

/** What a watcher looks for. */
export interface WatchSettings {
  /** 0 is off. */
  readonly blockedLoopMs: number;
  /** 0 is off. */
  readonly lockHeldMs: number;
  readonly deadlock: boolean;
}

/** Who is told. */
export interface Watcher {
  readonly settings: WatchSettings;
  /** Called on the spot, at the end of the program too: must not throw or wait. */
  take(finding: Finding): void;
  /** The event loop has nothing left to do, and everything that follows from that has been told. */
  loopEnded(): void;
}

const findings = channel("brigade:finding");

/** All detectors, over open ledgers. */
class Detectors {
  readonly #watchers = new Set<Watcher>();
  readonly #deadlock: DeadlockDetector;
  readonly #longHold: LongHoldDetector;
  readonly #stuckAtExit: StuckAtExitDetector;
  readonly #lostFailure: LostFailureDetector;
  readonly #unawaitedTask: UnawaitedTaskDetector;
  readonly #blockingWait: BlockingWaitDetector;
  readonly #blockedLoop: BlockedLoopDetector;
  readonly #loopEnd = new LoopEnd(() => this.#atLoopEnd());
  readonly #onExit = () => this.#atExit();

  constructor(ledgers: Ledgers) {
    const report = (finding: Finding) => this.#tell(finding);
    this.#deadlock = new DeadlockDetector(ledgers, report);
    this.#longHold = new LongHoldDetector(ledgers, this.#deadlock.deadlocked, (finding, limitMs) => this.#tell(finding, limitMs));
    this.#stuckAtExit = new StuckAtExitDetector(ledgers, (each) => isReadingFindings(each) || this.#deadlock.explains(each), report);
    this.#lostFailure = new LostFailureDetector(ledgers, report);
    this.#unawaitedTask = new UnawaitedTaskDetector(ledgers, report);
    this.#blockingWait = new BlockingWaitDetector(ledgers, report);
    this.#blockedLoop = new BlockedLoopDetector(report, (fromMs) => this.#blockingWait.explains(fromMs));
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    this.#tune();
    if (this.#watchers.size > 1) return;
    this.#lostFailure.start();
    this.#loopEnd.watch();
    process.on("exit", this.#onExit);
  }

  /** Whether nobody is left. */
  remove(watcher: Watcher): boolean {
    if (this.#watchers.size === 1) this.#blockedLoop.flush();
    this.#watchers.delete(watcher);
    this.#tune();
    if (this.#watchers.size > 0) return false;
    this.#lostFailure.stop();
    this.#loopEnd.stop();
    process.off("exit", this.#onExit);
    return true;
  }

  #tune(): void {
    const all = [...this.#watchers].map(({ settings }) => settings);
    const blockedLoopMs = Math.min(...all.map((each) => each.blockedLoopMs || Number.POSITIVE_INFINITY));
    const least = Number.isFinite(blockedLoopMs) ? blockedLoopMs : 0;
    this.#blockedLoop.watch(least);
    this.#blockingWait.watch(least);
    this.#longHold.watch([...new Set(all.map(({ lockHeldMs }) => lockHeldMs).filter((ms) => ms > 0))]);
    if (all.some(({ deadlock }) => deadlock)) this.#deadlock.start();
    else this.#deadlock.stop();
  }

  #tell(finding: Finding, limitMs?: number): void {
    for (const watcher of [...this.#watchers]) if (wants(watcher.settings, finding, limitMs)) watcher.take(finding);
    if (findings.hasSubscribers) findings.publish(finding);
  }

  #atLoopEnd(): void {
    this.#blockedLoop.flush();
    this.#lostFailure.flush();
    this.#deadlock.atLoopEnd();
    this.#stuckAtExit.atLoopEnd();
    this.#unawaitedTask.atLoopEnd();
    for (const watcher of [...this.#watchers]) watcher.loopEnded();
  }

  #atExit(): void {
    this.#blockedLoop.atExit();
    this.#lostFailure.flush();
    this.#unawaitedTask.atExit();
  }
}

function wants({ blockedLoopMs, lockHeldMs, deadlock }: WatchSettings, finding: Finding, limitMs: number | undefined): boolean {
  switch (finding.code) {
    case "blocked-loop":
    case "blocking-wait":
      return blockedLoopMs > 0 && finding.blockedMs >= blockedLoopMs;
    case "lock-held-too-long":
      return limitMs === lockHeldMs;
    case "deadlock":
      return deadlock;
    default:
      return true;
  }
}

let detectors: Detectors | undefined;

/** Starts to tell a watcher; the first one starts the detectors. */
export function startWatching(watcher: Watcher): void {
  detectors ??= new Detectors(openLedgers());
  detectors.add(watcher);
}

/** Stops telling it; the last one stops the detectors, and nothing is left behind. */
export function stopWatching(watcher: Watcher): void {
  if (!detectors?.remove(watcher)) return;
  detectors = undefined;
  closeLedgers();
}
