// The results for a terminal, at 80 columns.
import { table, wrap } from "../../src/lab/text/layout.ts";
import { duration } from "../../src/lab/text/units.ts";
import type { AdvisorReport, SplitResult, WorkloadResult } from "./results.ts";

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
const levelWords = (level: string, size: number): string => (level === "serial" || level === "coroutine" ? level : `${level} × ${size}`);

/** One workload in one line. */
export function workloadLine(result: WorkloadResult): string {
  const { choice, regret, right } = result.scores["brigade advise"] ?? {};
  const cells = [
    `${result.family}/${result.name}`.padEnd(26),
    (choice === undefined ? "–" : levelWords(choice.level, choice.size)).padEnd(12),
    levelWords(result.best.level, result.best.size).padEnd(12),
    (regret === undefined ? "unsafe" : percent(regret)).padStart(7),
    percent(result.timeErrorOfChoice).padStart(7),
    duration(result.costMs).padStart(8),
    right ? "" : "✗",
  ];
  return cells.join(" ").trimEnd();
}

/** What `workloadLine` shows. */
export const workloadTitles = ["workload".padEnd(26), "advised".padEnd(12), "best".padEnd(12), " regret", "  off by", "    cost"].join(" ");

/** The summary of a split. */
export function splitText(result: SplitResult): string {
  const count = result.strategies[0]?.workloads ?? 0;
  const rows = result.strategies.map(({ name, top1, meanRegret, meanSureRegret, maxRegret, unsafe }) => [
    name,
    percent(top1),
    percent(meanRegret),
    percent(meanSureRegret),
    percent(maxRegret),
    String(unsafe),
  ]);
  const columns = [
    { title: `${result.split}: ${count} workloads`, align: "left" },
    { title: "right", align: "right" },
    { title: "mean regret", align: "right" },
    { title: "sure", align: "right" },
    { title: "max regret", align: "right" },
    { title: "wrong results", align: "right" },
  ] as const;
  const figures = `forecasts off by ${percent(result.timeError)} over all levels and sizes, by ${percent(result.timeErrorOfChoice)} for what was advised; asking took ${duration(result.costMs.median)} (median), ${duration(result.costMs.max)} at most`;
  return [...table(columns, rows, 2), ...wrap(figures, 80)].join("\n");
}

/** Goals beside figures, for what was held out. */
export function goalsText({ splits }: AdvisorReport): string {
  const heldOut = splits.find(({ split }) => split === "held-out");
  const advisor = heldOut?.strategies[0];
  if (heldOut === undefined || advisor === undefined) return "";
  const rows = [
    ["mean regret ≤ 5 %", percent(advisor.meanRegret), met(advisor.meanRegret <= 0.05)],
    ["max regret ≤ 25 %", percent(advisor.maxRegret), met(advisor.maxRegret <= 0.25)],
    ["time error ≤ 25 %", percent(heldOut.timeErrorOfChoice), met(heldOut.timeErrorOfChoice <= 0.25)],
    ["cost < 2 s", duration(heldOut.costMs.max), met(heldOut.costMs.max < 2000)],
    ["no wrong results", String(advisor.unsafe), met(advisor.unsafe === 0)],
  ];
  const columns = [
    { title: "goal (held out)", align: "left" },
    { title: "figure", align: "right" },
    { title: "met", align: "left" },
  ] as const;
  return table(columns, rows, 2).join("\n");
}

const met = (isMet: boolean): string => (isMet ? "yes" : "no");
