// `BRIGADE_WATCH`: the findings of this program on stderr. Loaded only when they are asked for.
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { startWatching, type Watcher, type WatchSettings } from "../observe/detectors.ts";
import type { Finding, FindingCode } from "../observe/finding.ts";
import { defaultWatch } from "../observe/watch.ts";
import { bootUrl } from "./boot-url.ts";
import { printFinding } from "./print-finding.ts";

/** Prints as it is told: at the end of a program nobody reads a queue any more. */
class Printer implements Watcher {
  readonly settings: WatchSettings;
  readonly #codes: ReadonlySet<FindingCode>;

  constructor(codes: ReadonlySet<FindingCode>) {
    this.#codes = codes;
    // On a worker it is no mistake to hold the thread: that is what workers are for.
    const onLoop =
      isMainThread && process.argv[1] !== fileURLToPath(bootUrl()) && (codes.has("blocked-loop") || codes.has("blocking-wait"));
    this.settings = {
      blockedLoopMs: onLoop ? defaultWatch.blockedLoopMs : 0,
      lockHeldMs: codes.has("lock-held-too-long") ? defaultWatch.lockHeldMs : 0,
      deadlock: codes.has("deadlock"),
    };
  }

  take(finding: Finding): void {
    if (this.#codes.has(finding.code)) printFinding(finding);
  }

  loopEnded(): void {}
}

/** Prints findings of these codes from now on, until the program ends. */
export function watchAndPrint(codes: ReadonlySet<FindingCode>): void {
  startWatching(new Printer(codes));
}
