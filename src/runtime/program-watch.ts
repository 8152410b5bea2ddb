// What the environment and the end of a program ask for, with no word in its code.
//
// `BRIGADE_WATCH=1`, or some codes of findings such as `deadlock,blocked-loop`, prints the findings of the whole program to stderr.
// Only then the detectors are loaded. They come a few milliseconds late, so the ledgers are opened here and now, and nothing that is
// begun meanwhile is missing from them; and lost failures are told from the beginning, because they may end the program before anything
// is loaded.
//
// Without it, a program that ends with exit code 13, because a top-level `await` can never settle, gets a hint when it is brigade that it
// waits for: what, and how to learn more.
import { Parked } from "../core/parked.ts";
import { rootScope, type ScopeWaiter } from "../core/scope.ts";
import { workerThreads } from "../core/worker-threads.ts";
import { type FindingCode, findingCodes } from "../observe/finding.ts";
import { LostFailureDetector } from "../observe/findings/lost-failure.ts";
import { openLedgers } from "../observe/ledgers/ledgers.ts";
import { printFinding } from "./print-finding.ts";

/** Node's exit code for a top-level `await` that never settled. */
const unsettledAwait = 13;
/** The hint names so many kinds of things. */
const named = 5;

const wanted = process.env.BRIGADE_WATCH;
if (wanted !== undefined && wanted !== "" && wanted !== "0") {
  watchProgram(codesOf(wanted));
} else {
  process.on("exit", () => {
    if (process.exitCode === unsettledAwait && workerThreads().isMainThread) hint();
  });
}

function watchProgram(codes: ReadonlySet<FindingCode>): void {
  const early = new LostFailureDetector(openLedgers(), (finding) => {
    if (codes.has(finding.code)) printFinding(finding);
  });
  const atExit = () => early.flush();
  early.start();
  process.on("exit", atExit);
  void import("./watch-and-print.ts").then(({ watchAndPrint }) => {
    early.stop();
    process.off("exit", atExit);
    watchAndPrint(codes);
  });
}

function codesOf(list: string): ReadonlySet<FindingCode> {
  if (list === "1" || list === "true") return new Set(findingCodes);
  const codes = list.split(",").map((code) => code.trim());
  const known = new Set<string>(findingCodes);
  const wrong = codes.find((code) => !known.has(code));
  if (wrong !== undefined) {
    throw new RangeError(`BRIGADE_WATCH must be 1, or some of ${findingCodes.join(",")}, not ${JSON.stringify(wrong)}.`);
  }
  return new Set(codes as FindingCode[]);
}

function hint(): void {
  const waiting = [...new Set(waitingAtTopLevel())];
  if (waiting.length === 0) return;
  const what = waiting.length > named ? [...waiting.slice(0, named), `${waiting.length - named} more`] : waiting;
  process.stderr.write(
    "brigade: a top-level await never settled, so the program ended with exit code 13.\n" +
      `  It still waits for ${what.join(", ")}.\n` +
      "  BRIGADE_WATCH=1 in the environment tells where each wait began, and who is in its way.\n",
  );
}

/** What operations outside any task wait for. The scope keeps a list of those who wait in it, so a look costs nothing before. */
function waitingAtTopLevel(): string[] {
  const found: string[] = [];
  // Its neighbours in the list are all the others.
  const probe: ScopeWaiter = { nextWaiter: undefined, previousWaiter: undefined, onCancel() {} };
  rootScope.addWaiter(probe);
  for (let waiter = probe.nextWaiter; waiter !== undefined; waiter = waiter.nextWaiter) {
    if (waiter instanceof Parked) found.push(waiter.home.waitingFor);
  }
  rootScope.removeWaiter(probe);
  return found.reverse();
}
