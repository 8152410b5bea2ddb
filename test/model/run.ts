// Explores every protocol of shared memory, then every mutant of it. Runs on the built files: `npm run model [protocol…]`.
// A protocol passes when no program over it fails and the search was complete; a mutant passes when it is killed.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
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
  // Beside the original, so that its imports hold.
  const file = fileOf(protocol, `.mutant-${number}`);
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

const startedMs = performance.now();
for (const protocol of protocols) {
  if (wanted.length > 0 && !wanted.includes(protocol.name)) continue;
  await prove(protocol);
  await killAll(protocol);
}
console.log(`\n${Math.round(performance.now() - startedMs)} ms`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
