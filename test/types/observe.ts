// The door for observers as a stranger uses it: what must compile, and (under @ts-expect-error) what must not. Checked against the
// declarations that ship; never run.
import { channel } from "node:diagnostics_channel";
import type { DiagnosticsChannels, Finding, FindingBase, FindingCode, Findings, StuckOperation, WatchOptions } from "brigade/observe";
import { watch } from "brigade/observe";

/** Compiles only when `T` is exactly `U`. */
type Same<T, U> = (<X>() => X extends T ? 1 : 2) extends <X>() => X extends U ? 1 : 2 ? true : false;
declare function is<_T extends true>(): void;

const findings = watch();
is<Same<typeof findings, Findings>>();
const iterable: AsyncIterable<Finding> = watch({ blockedLoopMs: 50, deadlock: true, lockHeldMs: undefined, signal: undefined });
const dropped: number = findings.dropped;
const options: WatchOptions = { raceCheck: false, levelTooHeavy: true };
watch(options);
// @ts-expect-error times are numbers
watch({ blockedLoopMs: "50" });
// @ts-expect-error no such option
watch({ deadlocks: true });
// @ts-expect-error what is lost cannot be set
findings.dropped = 0;

// ---- a finding is told apart by its code ----
for await (const finding of iterable) {
  const { message, fix, stack, worker, task }: FindingBase = finding;
  is<Same<typeof task, string | undefined>>();
  console.log(message, fix, stack, worker, dropped);
  // @ts-expect-error not every finding has it
  finding.blockedMs;
  // @ts-expect-error findings are read only
  finding.message = "";
  switch (finding.code) {
    case "blocked-loop":
      is<Same<typeof finding.blockedMs, number>>();
      // @ts-expect-error of another code
      finding.cycle;
      break;
    case "blocking-wait":
      is<Same<typeof finding.keptWaiting, number>>();
      is<Same<typeof finding.blockedMs, number>>();
      break;
    case "deadlock":
      is<Same<typeof finding.cycle, readonly string[]>>();
      break;
    case "lock-held-too-long":
      is<Same<typeof finding.lock, string>>();
      is<Same<typeof finding.heldMs, number>>();
      break;
    case "stuck-at-exit":
      is<Same<typeof finding.waiting, readonly StuckOperation[]>>();
      is<Same<(typeof finding.waiting)[number]["sinceMs"], number>>();
      break;
    case "lost-failure":
      is<Same<typeof finding.error, unknown>>();
      break;
    case "unawaited-task":
      is<Same<typeof finding.sinceMs, number>>();
      break;
    case "lost-update":
      is<Same<typeof finding.writers, readonly string[]>>();
      break;
    case "level-too-heavy":
      is<Same<typeof finding.level, typeof finding.better>>();
      break;
    default:
      is<Same<typeof finding, never>>();
  }
}
// @ts-expect-error no such code
const code: FindingCode = "deadlocked";
console.log(code);

// ---- and published ----
channel("brigade:finding").subscribe((message) => {
  const finding = message as DiagnosticsChannels["brigade:finding"];
  is<Same<typeof finding, Finding>>();
});
