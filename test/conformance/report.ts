// Injects every fault on every level and prints what became of the tasks:
//   node build/test/conformance/report.js [--json] [level …]
// Exits with 1 when a task was lost or a fault's check failed.
import { levels, skipReason, type TestLevel } from "./capabilities.ts";
import { inject } from "./fault.ts";
import { faults } from "./faults.ts";
import { openShared } from "./ground.ts";
import type { Account } from "./ledger.ts";
import { renderAccounts, total } from "./table.ts";

async function report(wanted: readonly TestLevel[], json: boolean): Promise<number> {
  const failures: { readonly level: TestLevel; readonly fault: string; readonly error: string }[] = [];
  const all: [TestLevel, Map<string, Account>][] = [];
  for (const level of wanted) {
    const accounts = new Map<string, Account>();
    all.push([level, accounts]);
    const shared = await openShared(level);
    for (const fault of faults) {
      if (skipReason(level, fault.needs) !== undefined) continue;
      const { account, error } = await inject(level, fault, shared);
      accounts.set(fault.name, account);
      if (error) failures.push({ level, fault: fault.name, error: error instanceof Error ? error.message : String(error) });
    }
    await shared.close();
  }
  if (json) console.log(JSON.stringify(asData(all, failures), undefined, 2));
  else {
    console.log(renderAccounts(all));
    for (const { level, fault, error } of failures) console.log(`FAILED on ${level}: ${fault}: ${error}`);
  }
  return failures.length === 0 ? 0 : 1;
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
