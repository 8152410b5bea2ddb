// The page of an advice: what to take and why, what was foreseen beside what was measured, and the trial in full.
import { words } from "../compare/plan.ts";
import type { Advice, AdviceForecast } from "../report.ts";
import { duration, factor, grouped, megabytes } from "../text/units.ts";
import { rangeChart } from "./charts/ranges.ts";
import { comparisonSections } from "./comparison.ts";
import { lanesData } from "./lanes.ts";
import { html, type Markup } from "./markup.ts";
import type { Page, Section } from "./page.ts";
import { between, headline, levelName, machineFacts, terms } from "./parts.ts";
import { figure, table } from "./table.ts";

/** The page of an advice. */
export function advicePage(report: Advice): Page {
  const { evidence } = report;
  return {
    command: "advise",
    title: report.function ?? evidence.function,
    facts: [`${grouped(evidence.inputs)} calls tried`, ...machineFacts(report.machine)],
    sections: [
      {
        id: "advice",
        title: `Take ${words(report)}`,
        body: html`<div class="verdict level-${report.level}"><ul>${report.reasons.map((reason) => html`<li>${reason}</li>`)}</ul></div>
${headline([
  { value: `${factor(report.measuredSpeedup)}×`, what: "as fast as serial, measured" },
  { value: `${factor(report.predictedSpeedup)}×`, what: "as fast as serial, foreseen" },
  { value: `${Math.round(report.cpuShare * 100)} %`, what: "of the time is computing" },
  ...(report.chunk === undefined ? [] : [{ value: String(report.chunk), what: report.chunk === 1 ? "item per trip" : "items per trip" }]),
])}`,
      },
      ...foreseen("forecasts", "Foreseen and measured", report, report.forecasts, true),
      ...foreseen("inputs", "Foreseen over all inputs", report, report.overInputs, false),
      ...profileSection(report.profile),
      ...comparisonSections(evidence).map((section) => ({ ...section, title: `Trial: ${lower(section.title)}` })),
      methodSection(report),
    ],
    data: { lanes: lanesData(evidence) },
  };
}

function lower(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}

function foreseen(id: string, title: string, report: Advice, forecasts: readonly AdviceForecast[] | undefined, tried: boolean): Section[] {
  if (forecasts === undefined || forecasts.length === 0) return [];
  const measured = ({ level, size }: AdviceForecast) =>
    tried ? (report.evidence.levels.find((row) => row.level === level && row.size === size)?.samplesMs ?? []) : [];
  const chosen = ({ level, size }: AdviceForecast) => level === report.level && size === report.size;
  const interval = ({ wallMs, lowMs = wallMs, highMs = wallMs }: AdviceForecast) => ({ value: wallMs, low: lowMs, high: highMs });
  const rows = forecasts.map((each) => {
    const { low, high } = interval(each);
    return {
      cells: [
        { content: levelName(each) },
        { content: figure(duration(each.wallMs), between(duration(low), duration(high))), sort: each.wallMs },
        { content: each.bound === undefined ? "–" : each.bound.replaceAll("-", " ") },
        { content: each.memoryMB === undefined ? "–" : megabytes(each.memoryMB), sort: each.memoryMB },
        { content: each.objection ?? "" },
      ],
      highlighted: chosen(each),
    };
  });
  const columns = [
    { title: "level" },
    { title: "time foreseen", align: "right" as const },
    { title: "bound by", hint: "what makes the run as slow as it is" },
    { title: "memory", align: "right" as const, hint: "of the workers, at the least" },
    { title: "against it" },
  ];
  return [
    {
      id,
      title,
      lead: tried
        ? "Bars are what the cost model foresees, with its doubt; marks are the rounds of the trial."
        : "The same cost model over everything that was given, times what the trial took over what had been foreseen for it.",
      body: html`${rangeChart(
        title,
        forecasts.map((each) => ({
          level: each.level,
          name: words(each),
          samples: measured(each),
          foreseen: interval(each),
          chosen: chosen(each),
        })),
        duration,
      )}${table(title, columns, rows)}`,
    },
  ];
}

/** A profile is drawn as far as it is figures: what the advisor measures may grow without this page. */
function profileSection(profile: object | undefined): Section[] {
  const entries = profile === undefined ? [] : figuresOf(profile, "");
  if (entries.length === 0) return [];
  return [{ id: "profile", title: "Profile of one call", body: terms(entries) }];
}

function figuresOf(value: object, prefix: string): [string, string | Markup][] {
  return Object.entries(value).flatMap(([name, each]: [string, unknown]): [string, string][] => {
    const title = prefix + inWords(name);
    if (typeof each === "number")
      return [[title, name.endsWith("Ms") ? duration(each) : name.endsWith("MB") ? megabytes(each) : String(Number(each.toPrecision(4)))]];
    if (typeof each === "string" || typeof each === "boolean") return [[title, String(each)]];
    return typeof each === "object" && each !== null && !Array.isArray(each) ? (figuresOf(each, `${title}: `) as [string, string][]) : [];
  });
}

/** `longestSyncMs` → `longest sync`. */
function inWords(name: string): string {
  return name
    .replace(/(?:Ms|MB)$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
}

function methodSection(report: Advice): Section {
  return {
    id: "method",
    title: "How this was measured",
    short: "Method",
    body: html`<p>The function was profiled on sample inputs: time, processor time on its thread and on libuv's pool, longest stretch without a turn of the event loop, bytes and time to travel. A cost model,
calibrated on this machine, foresees the time of every level and size. Then the simplest level and the best one foreseen ran side by side, and the measurement decides: a heavier level must win by more than 1.2× outside the spread.</p>
${terms([
  ["machine", machineFacts(report.machine).join(" · ")],
  ...(report.costMs === undefined ? [] : [["asking took", duration(report.costMs)] as const]),
  ...(report.calibrationMs === undefined ? [] : [["of it calibration", duration(report.calibrationMs)] as const]),
])}`,
  };
}
