// What the pages are made from: the contract's reports, and what some of them say beyond it. Everything beyond the contract is optional, so
// that a report read back from JSON, or made by another version, is drawn as far as it goes.
import type { Level } from "../../contract/portable.ts";
import type { Comparison, Machine } from "../report.ts";

type PerLevel<T> = Readonly<Partial<Record<Level, T>>>;

/** The levels' properties. */
export interface MatrixReport {
  readonly kind: "matrix";
  readonly machine: Machine;
  readonly rows: readonly MatrixReportRow[];
  readonly versions?: Readonly<Record<string, string>> | undefined;
  readonly seed?: number | undefined;
  readonly rounds?: number | undefined;
  readonly quick?: boolean | undefined;
  readonly tookMs?: number | undefined;
  readonly interrupted?: boolean | undefined;
  readonly remarks?: readonly string[] | undefined;
}

/** One property, per level. */
export interface MatrixReportRow {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly values: PerLevel<number>;
  readonly group?: string | undefined;
  readonly better?: "less" | "more" | undefined;
  readonly samples?: PerLevel<readonly number[]> | undefined;
  readonly spread?: PerLevel<{ readonly low: number; readonly high: number }> | undefined;
  readonly words?: PerLevel<string> | undefined;
  readonly missing?: PerLevel<string> | undefined;
  readonly series?: PerLevel<readonly { readonly size: number; readonly value: number }[]> | undefined;
  readonly note?: string | undefined;
  readonly means?: string | undefined;
  readonly failure?: string | undefined;
}

/** Statements, tried. */
export interface ClaimsReportShape {
  readonly kind: "claims";
  readonly machine: Machine;
  readonly claims: readonly ClaimShape[];
  readonly tookMs?: number | undefined;
  readonly interrupted?: boolean | undefined;
}

/** One statement. */
export interface ClaimShape {
  readonly id: number;
  readonly statement: string;
  readonly verdict: "holds" | "holds-with-a-limit" | "does-not-hold-here" | "undecided";
  readonly because: string;
  readonly measured: Readonly<Record<string, number>>;
  readonly tried?: string | undefined;
  readonly failure?: string | undefined;
}

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
export type PageReport = Comparison | MatrixReport | ClaimsReportShape | AdviceShape;
