// The stress program: hammers brigade's pools with random work, disturbance and death, and checks that nothing is lost.
//   npm run stress -- [--seconds 20] [--seed N] [--json]
//   npm run stress -- --kills N [--level thread|process|both]     each under a task of its own, as fast as can be
//   npm run stress -- --random-kills N                            of processes, at random moments and in many ways
// Prints its seed first; the same seed makes the same choices (not the same timing). Exit code 1 on any violation.
import { parseArgs } from "node:util";
import { openProcesses, openThreads } from "../../src/runtime/index.ts";
import { takeCensus, untilClean } from "./census.ts";
import { Dice } from "./dice.ts";
import { runEpisode } from "./episode.ts";
import { runKills } from "./kills.ts";
import { Ledger, nameOf } from "./ledger.ts";
import { runRandomKills } from "./random-kills.ts";
import { echo } from "./work.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    seed: { type: "string" },
    kills: { type: "string" },
    "random-kills": { type: "string" },
    level: { type: "string", default: "both" },
    lanes: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});
const seed = number("seed", values.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
const seconds = number("seconds", values.seconds);
const kills = values.kills === undefined ? undefined : number("kills", values.kills);
const randomKills = values["random-kills"] === undefined ? undefined : number("random-kills", values["random-kills"]);
const say = (text: string): void => void process[values.json ? "stderr" : "stdout"].write(`${text}\n`);

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  process.stderr.write(`--${name} must be a number, not ${JSON.stringify(text)}.\n`);
  return process.exit(2);
}

const ledger = new Ledger();
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => ledger.violate(`${event}: ${error instanceof Error ? error.stack : nameOf(error)}`));
}

say(`seed ${seed}`);
await warmRuntime();
const before = takeCensus();
const startedMs = performance.now();
if (randomKills !== undefined) await killAtRandom(randomKills);
else if (kills !== undefined) await killAll(kills);
else await stress();
const elapsedMs = performance.now() - startedMs;
for (const { label } of ledger.open) ledger.violate(`lost: ${label} never settled`);
for (const leak of await untilClean(before, 5_000)) ledger.violate(`leaked ${leak}`);
const after = takeCensus();
ledger.count("module files that the runtime left open in killed threads", after.sourceFiles - before.sourceFiles);
report();

// Everything is closed: the program must end by itself. This timer does not hold it; it rings only if something else does.
setTimeout(() => {
  process.stderr.write(`VIOLATION the program does not end: ${process.getActiveResourcesInfo().join(", ")}\n`);
  process.exit(1);
}, 10_000).unref();

/** What comes once and stays (the reaper, the pool of system threads) is no leak: let it come before the first count. */
async function warmRuntime(): Promise<void> {
  for (const pool of [openThreads({ size: 2, stdio: "ignore" }), openProcesses({ size: 2, stdio: "ignore" })]) {
    await Promise.all([1, 2, 3, 4].map((n) => pool.run(echo, n, n)));
    await pool.close();
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}

async function stress(): Promise<void> {
  const dice = new Dice(seed);
  const end = performance.now() + seconds * 1_000;
  const lane = async (): Promise<void> => {
    while (performance.now() < end && ledger.of("hung") === 0) await runEpisode(new Dice(dice.seed()), ledger, end);
  };
  await Promise.all(Array.from({ length: number("lanes", values.lanes) }, lane));
}

async function killAll(count: number): Promise<void> {
  const levels = (["thread", "process"] as const).filter((level) => values.level === "both" || values.level === level);
  const progress = saying(count);
  await Promise.all(levels.map((level) => runKills(level, Math.ceil(count / levels.length), 2, ledger, progress)));
}

async function killAtRandom(count: number): Promise<void> {
  const dice = new Dice(seed);
  const progress = saying(count);
  const lanes = number("lanes", values.lanes);
  await Promise.all(Array.from({ length: lanes }, () => runRandomKills(Math.ceil(count / lanes), new Dice(dice.seed()), ledger, progress)));
}

/** Counts, and says now and then how far it is. */
function saying(count: number): () => void {
  let done = 0;
  let saidMs = performance.now();
  return () => {
    done++;
    if (performance.now() - saidMs < 5_000) return;
    saidMs = performance.now();
    say(`${done} of ${count} kills`);
  };
}

function report(): void {
  const injected = kills === undefined && randomKills === undefined ? ledger.of("workers lost") : ledger.of("kills");
  const left = { children: over("children"), threads: over("threads"), descriptors: over("descriptors") };
  const result = {
    seed,
    seconds: Math.round(elapsedMs / 100) / 10,
    node: process.version,
    submitted: ledger.of("submitted"),
    succeeded: ledger.of("succeeded"),
    failed: ledger.of("failed"),
    cancelled: ledger.of("cancelled"),
    abandoned: ledger.of("abandoned"),
    lost: ledger.open.length,
    hung: ledger.of("hung"),
    kills: injected,
    killsPerMinute: Math.round((injected / elapsedMs) * 60_000),
    detectionMs: spread(ledger.latenciesMs),
    stoppedDetectionMs: spread(ledger.stoppedMs),
    left,
    counts: Object.fromEntries([...ledger.counts].sort(([one], [other]) => (one < other ? -1 : 1))),
    violations: ledger.violations,
  };
  if (result.submitted !== result.succeeded + result.failed + result.cancelled + result.lost) ledger.violate("the counts do not add up");
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    for (const [what, count] of Object.entries(result.counts)) say(`${String(count).padStart(8)}  ${what}`);
    const detection = ({ p50, p99, max, samples }: Spread): string => `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms (${samples} samples)`;
    say(
      `${result.submitted} tasks in ${result.seconds} s: ${result.succeeded} succeeded, ${result.failed} failed, ${result.cancelled} cancelled (${result.abandoned} abandoned)`,
    );
    say(`workers lost ${injected} (${result.killsPerMinute} a minute); from a death to the rejection ${detection(result.detectionMs)}`);
    if (ledger.stoppedMs.length > 0) say(`from a stop to the rejection ${detection(result.stoppedDetectionMs)}`);
    say(`left behind: children ${left.children}, threads ${left.threads}, descriptors ${left.descriptors}`);
    for (const violation of ledger.violations) say(`VIOLATION ${violation}`);
    say(`lost ${result.lost}, hung ${result.hung}, violations ${ledger.of("violations")}; seed ${seed}`);
  }
  if (ledger.of("violations") > 0) process.exitCode = 1;
}

/** How many more there are than before; `undefined` where the system cannot tell. */
function over(what: "children" | "threads" | "descriptors"): number | undefined {
  const [was, is] = [before[what], after[what]];
  return was === undefined || is === undefined ? undefined : Math.max(0, is - was);
}

interface Spread {
  readonly samples: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly max: number | undefined;
}

function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((one, other) => one - other);
  const at = (share: number): number | undefined => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return value === undefined ? undefined : Math.round(value * 100) / 100;
  };
  return { samples: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
