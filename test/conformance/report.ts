// Injects every fault on every level and prints what became of the tasks:
//   npm run faults [-- [--json] [level …]]
// Exits with 1 when a task was lost, a fault's check failed, or a worker or a descriptor was left behind.
import { processes, threads } from "../../src/runtime/index.ts";
import { levels, skipReason, type TestLevel } from "./capabilities.ts";
import { beyond, living, openDescriptors } from "./census.ts";
import { inject } from "./fault.ts";
import { faults } from "./faults.ts";
import { openLevel, openShared, until } from "./ground.ts";
import type { Account } from "./ledger.ts";
import { renderAccounts, total } from "./table.ts";
import { echo } from "./tasks.ts";

async function report(wanted: readonly TestLevel[], json: boolean): Promise<number> {
  const failures: { readonly level: TestLevel; readonly fault: string; readonly error: string }[] = [];
  const all: [TestLevel, Map<string, Account>][] = [];
  const left: [TestLevel, LeftBehind][] = [];
  for (const level of wanted) {
    const accounts = new Map<string, Account>();
    all.push([level, accounts]);
    const before = await firstCensus(level);
    const shared = await openShared(level);
    for (const fault of faults) {
      if (skipReason(level, fault.needs) !== undefined) continue;
      const { account, error } = await inject(level, fault, shared);
      accounts.set(fault.name, account);
      if (error) failures.push({ level, fault: fault.name, error: error instanceof Error ? error.message : String(error) });
    }
    await shared.close();
    left.push([level, await leftBehind(before)]);
  }
  if (json) console.log(JSON.stringify({ ...asData(all, failures), left: Object.fromEntries(left) }, undefined, 2));
  else {
    console.log(renderAccounts(all));
    console.log("in … ms: from the fault to the first outcome; where the program itself dies, until its last process is gone");
    for (const [level, { workers, descriptors }] of left) {
      console.log(`left behind on ${level}: ${workers} workers, ${descriptors.length} descriptors ${descriptors.join(" ")}`.trimEnd());
    }
    for (const { level, fault, error } of failures) console.log(`FAILED on ${level}: ${fault}: ${error}`);
  }
  return failures.length === 0 && left.every(([, { workers, descriptors }]) => workers + descriptors.length === 0) ? 0 : 1;
}

/** What a level has not given back. */
interface LeftBehind {
  readonly workers: number;
  readonly descriptors: readonly string[];
}

/** Descriptors before any fault. A pool that has come and gone leaves what is made once per program: not a leak. */
async function firstCensus(level: TestLevel): Promise<string[]> {
  for (const executor of [openLevel(level, { size: 2 }), openLevel("process", { size: 1 })]) {
    await executor.run(echo, 1);
    await executor.close();
  }
  await until(() => living().length === 0, "the first pools are gone");
  return openDescriptors();
}

async function leftBehind(before: readonly string[]): Promise<LeftBehind> {
  await Promise.all([threads.close(), processes.close()]);
  const look = (): LeftBehind => ({ workers: living().length, descriptors: beyond(before, openDescriptors()) });
  await until(() => look().workers + look().descriptors.length === 0, "all is given back", 5_000).catch(() => {});
  return look();
}

function asData(all: readonly [TestLevel, Map<string, Account>][], failures: readonly object[]): object {
  const rows = faults.map(({ name, needs }) => ({
    fault: name,
    levels: Object.fromEntries(all.map(([level, accounts]) => [level, accounts.get(name) ?? { excused: skipReason(level, needs) }])),
  }));
  return { faults: rows, totals: Object.fromEntries(all.map(([level, accounts]) => [level, total(accounts)])), failures };
}

const args = process.argv.slice(2);
const named = args.filter((argument) => argument !== "--json");
const unknown = named.filter((name) => !levels.includes(name as TestLevel));
if (unknown.length > 0) {
  console.error(`report: no such level: ${unknown.join(", ")}. Levels: ${levels.join(", ")}. The only option is --json.`);
  process.exitCode = 2;
} else {
  // Work that waits for nothing but other work on this thread does not keep the program alive.
  const keepAlive = setInterval(() => {}, 1_000);
  process.exitCode = await report(named.length > 0 ? (named as TestLevel[]) : levels, args.includes("--json"));
  clearInterval(keepAlive);
}
