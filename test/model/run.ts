// Explores every protocol of shared memory, then every mutant of it. Runs on the built files: `npm run model [protocol…]`.
// A protocol passes when no program over it fails and the search was complete; a mutant passes when it is killed.
// Protocols have nothing to do with each other: with several, each runs in a program of its own, as many at once as there are processors.
import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Mutant, Protocol, Scenario } from "./protocol.ts";
import { changeWord } from "./protocols/change-word.ts";
import { claims } from "./protocols/claims.ts";
import { eventWord } from "./protocols/event-word.ts";
import { futexMutex } from "./protocols/futex-mutex.ts";
import { recordMap } from "./protocols/record-map.ts";
import { ring } from "./protocols/ring.ts";
import { choiceWords, queueServing, sharedQueue } from "./protocols/shared-queue.ts";
import { shortGuard } from "./protocols/short-guard.ts";
import { slotRing } from "./protocols/slot-ring.ts";
import { turnBarrier } from "./protocols/turn-barrier.ts";
import { turnCondition } from "./protocols/turn-condition.ts";
import { turnSemaphore } from "./protocols/turn-semaphore.ts";
import { versionCell } from "./protocols/version-cell.ts";
import { wakeWord } from "./protocols/wake-word.ts";

const protocols: readonly Protocol[] = [
  ring,
  claims,
  wakeWord,
  eventWord,
  futexMutex,
  turnSemaphore,
  turnCondition,
  turnBarrier,
  shortGuard,
  changeWord,
  slotRing,
  recordMap,
  versionCell,
  choiceWords,
  sharedQueue,
  queueServing,
];
const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

function count(ok: boolean): string {
  if (ok) passed++;
  else failed++;
  return ok ? "✔" : "✖";
}

const fileOf = ({ file }: Protocol, suffix = "") => new URL(`../../src/${file}${suffix}.js`, import.meta.url);
const columns = (cells: readonly (string | number)[], widths: readonly number[]) =>
  cells
    .map((cell, at) => (typeof cell === "number" ? String(cell).padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
    .join("  ")
    .trimEnd();
const figureWidths = [1, 42, 5, 9, 9, 7];

async function prove(protocol: Protocol): Promise<void> {
  const module = (await import(fileOf(protocol).href)) as never;
  console.log(`\n${protocol.name} (src/${protocol.file}.ts)`);
  console.log(columns([" ", "program", "bound", "   states", "     runs", "     ms"], figureWidths));
  for (const { name, preemptions, explore } of protocol.scenarios(module)) {
    const startedMs = performance.now();
    const { runs, states, complete, failure } = await explore(Number.POSITIVE_INFINITY);
    const ms = Math.round(performance.now() - startedMs);
    console.log(columns([count(complete), name, preemptions, states, runs, ms, failure === undefined ? "proved" : ""], figureWidths));
    if (failure !== undefined) console.log(`  ${failure.schedule}\n`, failure.error);
  }
}

/** The scenario that kills the mutant, with what it said; `undefined` when the mutant lives. */
async function kill(protocol: Protocol, mutant: Mutant, number: number): Promise<string | undefined> {
  const source = readFileSync(fileOf(protocol), "utf8");
  if (source.split(mutant.from).length !== 2) return undefined;
  // Beside the original, so that its imports hold; others may try mutants of the same file.
  const file = fileOf(protocol, `.mutant-${process.pid}-${number}`);
  writeFileSync(
    file,
    source.replace(mutant.from, () => mutant.to),
  );
  try {
    return await firstFailure(protocol.scenarios((await import(file.href)) as never));
  } finally {
    rmSync(fileURLToPath(file));
  }
}

/** Short searches of all programs come first: most mutants die early in one of them. */
async function firstFailure(scenarios: readonly Scenario[]): Promise<string | undefined> {
  for (const maxRuns of [100, 2_000, Number.POSITIVE_INFINITY]) {
    for (const { name, explore } of scenarios) {
      const { failure, states } = await explore(maxRuns);
      if (failure === undefined) continue;
      const said = failure.error instanceof Error ? failure.error.name : "thrown";
      return `${said} in "${name}" after ${states} states`;
    }
  }
  return undefined;
}

async function killAll(protocol: Protocol): Promise<void> {
  for (const [number, mutant] of protocol.mutants.entries()) {
    const startedMs = performance.now();
    const death = await kill(protocol, mutant, number);
    const ms = Math.round(performance.now() - startedMs);
    console.log(columns([count(death !== undefined), `mutant: ${mutant.name}`, ms, death ?? "LIVES, or does not apply"], [1, 55, 7]));
  }
}

/** Runs one protocol in another program; prints what it said when it has ended, all at once, and counts as it did. */
function proveElsewhere({ name }: Protocol): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("close", (code, signal) => {
      const closing = /\n(\d+) passed, (\d+) failed\n$/.exec(said);
      console.log(
        closing === null ? `${said}\n✖ ${name} ended without a result (${signal ?? `exit code ${code}`})` : said.slice(0, closing.index),
      );
      passed += Number(closing?.[1] ?? 0);
      failed += Number(closing?.[2] ?? 1);
      resolve();
    });
  });
}

const unknown = wanted.find((name) => !protocols.some((protocol) => protocol.name === name));
if (unknown !== undefined) throw new RangeError(`No protocol "${unknown}". There are: ${protocols.map(({ name }) => name).join(", ")}.`);
const chosen = protocols.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const startedMs = performance.now();
const [only] = chosen;
if (chosen.length === 1 && only !== undefined) {
  await prove(only);
  await killAll(only);
} else {
  const waiting = [...chosen];
  const next = async (): Promise<void> => {
    for (let protocol = waiting.shift(); protocol !== undefined; protocol = waiting.shift()) await proveElsewhere(protocol);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
}
console.log(`\n${Math.round(performance.now() - startedMs)} ms`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
