// The table of faults: one row per fault, and for each level what became of its tasks.
import { skipReason, type TestLevel } from "./capabilities.ts";
import { faults } from "./faults.ts";
import type { Account } from "./ledger.ts";

/** Levels with their accounts, by the name of the fault. */
export type LevelAccounts = readonly (readonly [level: TestLevel, accounts: ReadonlyMap<string, Account>])[];

/** As text: settled / abandoned / lost, and where a fault is about that how long its detection took; `-` where the capability table excuses the level, `?` where the fault was not run. */
export function renderAccounts(levels: LevelAccounts): string {
  const rows = faults.map(({ name, needs }) => [
    name,
    ...levels.map(([level, accounts]) => {
      const account = accounts.get(name);
      if (account) {
        const detected = account.detectedMs === undefined ? "" : ` in ${Math.round(account.detectedMs)} ms`;
        return `${account.settled} / ${account.abandoned} / ${account.lost}${detected}`;
      }
      return skipReason(level, needs) === undefined ? "?" : "-";
    }),
  ]);
  const totals = levels.map(([, accounts]) => {
    const sum = total(accounts);
    return `${sum.settled} / ${sum.abandoned} / ${sum.lost}`;
  });
  const table = [["fault (settled / abandoned / lost)", ...levels.map(([level]) => level)], ...rows, ["all", ...totals]];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2))).join(""),
    )
    .join("\n");
}

/** The sum over all faults. */
export function total(accounts: ReadonlyMap<string, Account>): Account {
  const sum = { settled: 0, abandoned: 0, lost: 0 };
  for (const { settled, abandoned, lost } of accounts.values()) {
    sum.settled += settled;
    sum.abandoned += abandoned;
    sum.lost += lost;
  }
  return sum;
}
