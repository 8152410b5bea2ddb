// Who chooses: the advisor, and what people do without one.
import type { Advice, Comparison } from "../../src/lab/report.ts";
import type { Choice } from "./score.ts";

/** A way to choose; `truth` only tells which sizes there are. */
export interface Strategy {
  readonly name: string;
  choose(advice: Advice, truth: Comparison): Choice;
}

function largest(truth: Comparison): number {
  return truth.levels.reduce((most, { level, size }) => (level === "thread" ? Math.max(most, size) : most), 1);
}

/** The advisor first. */
export const strategies: readonly Strategy[] = [
  { name: "brigade advise", choose: ({ level, size }) => ({ level, size }) },
  { name: "always serial", choose: () => ({ level: "serial", size: 1 }) },
  { name: "Promise.all", choose: () => ({ level: "coroutine", size: 1 }) },
  { name: "always threads", choose: (_, truth) => ({ level: "thread", size: largest(truth) }) },
  {
    name: "CPU > 50 % → threads",
    choose: ({ cpuShare }, truth) => (cpuShare > 0.5 ? { level: "thread", size: largest(truth) } : { level: "coroutine", size: 1 }),
  },
];
