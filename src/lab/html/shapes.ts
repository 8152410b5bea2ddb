// What the pages are made from: the contract's reports, and what some of them say beyond it. Everything beyond the contract is optional, so
// that a report read back from JSON, or made by another version, is drawn as far as it goes.
import type { Level } from "../../contract/portable.ts";
import type { Comparison, Machine, Report } from "../report.ts";

/** A recommendation. */
export interface AdviceShape {
  readonly kind: "advice";
  readonly machine: Machine;
  readonly level: Level;
  readonly size: number;
  readonly cpuShare: number;
  readonly predictedSpeedup: number;
  readonly measuredSpeedup: number;
  readonly reasons: readonly string[];
  readonly evidence: Comparison;
  readonly function?: string | undefined;
  readonly chunk?: number | undefined;
  readonly forecasts?: readonly ForecastShape[] | undefined;
  readonly overInputs?: readonly ForecastShape[] | undefined;
  readonly profile?: object | undefined;
  readonly costMs?: number | undefined;
  readonly calibrationMs?: number | undefined;
}

/** The time foreseen for one level and size, in ms. */
export interface ForecastShape {
  readonly level: Level;
  readonly size: number;
  readonly wallMs: number;
  readonly lowMs?: number | undefined;
  readonly highMs?: number | undefined;
  readonly bound?: string | undefined;
  readonly memoryMB?: number | undefined;
  readonly objection?: string | undefined;
}

/** What can be drawn as a page. */
export type PageReport = Report | AdviceShape;
