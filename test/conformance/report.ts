// The fault table as it comes out here: settled / abandoned / lost for each fault and level.
//   node build/test/conformance/report.js [--json]
import { levels } from "./capabilities.ts";
import { inject, type Row } from "./faults/inject.ts";
import { faults } from "./faults/table.ts";

const json = process.argv.includes("--json");
const rows: (Row & { readonly problem?: string })[] = [];
for (const fault of faults) {
  for (const level of levels) {
    const blank = { level, fault: fault.name, submitted: 0, settled: 0, abandoned: 0, lost: 1 };
    rows.push(await inject(level, fault).catch((error: unknown) => ({ ...blank, problem: String(error) })));
  }
}

if (json) console.log(JSON.stringify({ node: process.version, rows }));
else {
  console.log(`settled / abandoned / lost on Node ${process.version}; – where the level cannot have the fault\n`);
  console.log(["fault".padEnd(32), ...levels.map((level) => level.padStart(12))].join(""));
  for (const fault of faults) console.log([fault.name.padEnd(32), ...levels.map((level) => cell(fault.name, level).padStart(12))].join(""));
  console.log(["all".padEnd(32), ...levels.map((level) => sum(rows.filter((row) => row.level === level)).padStart(12))].join(""));
  for (const { level, fault, problem } of rows) if (problem !== undefined) console.log(`\n${level}, ${fault}: ${problem}`);
}
if (rows.some(({ lost }) => lost > 0)) process.exitCode = 1;

function cell(fault: string, level: string): string {
  const row = rows.find((each) => each.fault === fault && each.level === level);
  return row === undefined || row.excused !== undefined ? "–" : sum([row]);
}

function sum(some: readonly Row[]): string {
  const add = (count: (row: Row) => number) => some.reduce((total, row) => total + count(row), 0);
  return `${add((row) => row.settled)} / ${add((row) => row.abandoned)} / ${add((row) => row.lost)}`;
}
