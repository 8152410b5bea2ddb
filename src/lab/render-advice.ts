// Advice for a terminal: what is recommended and why, forecast beside measured for every level and size, what a call is made of, the
// lanes of the trial. Everything fits `width`.
import { words } from "./compare/plan.ts";
import { machineLine } from "./machine.ts";
import type { Advice, AdviceForecast } from "./report.ts";
import { keepEnd, table, wrap } from "./text/layout.ts";
import type { Style } from "./text/style.ts";
import { duration, factor, grouped, memorySize } from "./text/units.ts";

/** The blocks of the text, each a list of lines; `lanes` are drawn already. */
export function adviceBlocks(advice: Advice, width: number, look: Style, lanes: readonly string[]): string[][] {
  return [
    heading(advice, width, look),
    recommendation(advice, width, look),
    forecasts(advice, width, look),
    call(advice, width, look),
    [...lanes],
    legend(advice, width, look),
  ];
}

function heading(advice: Advice, width: number, look: Style): string[] {
  const { inputs } = advice.profile;
  const counts = `${grouped(inputs)} ${inputs === 1 ? "sample" : "samples"}`;
  const name = keepEnd(advice.function, width - counts.length - 3);
  return [`${look.bold(name)} ${look.dim(`· ${counts}`)}`, ...wrap(machineLine(advice.machine), width).map(look.dim)];
}

function recommendation(advice: Advice, width: number, look: Style): string[] {
  const chunk = advice.chunk > 1 ? `, chunk ${advice.chunk}` : "";
  const [first = "", ...others] = advice.reasons;
  return [
    look.bold(look.good(`Recommended: ${words(advice)}${chunk}`)),
    ...wrap(first, width),
    ...others.flatMap((reason) => {
      const [line = "", ...rest] = wrap(reason, width - 2);
      return [`· ${line}`, ...rest.map((more) => `  ${more}`)];
    }),
  ];
}

function forecasts(advice: Advice, width: number, look: Style): string[] {
  const columns = [
    { title: "level", align: "left" },
    { title: "forecast", align: "right" },
    { title: "(95 %)", align: "left" },
    { title: "measured", align: "right" },
    { title: "off by", align: "right" },
    { title: "speed-up", align: "right" },
    { title: "", align: "left" },
  ] as const;
  const rows = advice.forecasts.map((one) => {
    const measured = advice.evidence.levels.find((row) => row.level === one.level && row.size === one.size && row.samplesMs.length > 0);
    const name = words(one);
    const { level, size } = advice.evidence.verdict;
    return [
      one.level === level && one.size === size ? look.bold(look.good(name)) : name,
      duration(one.wallMs),
      look.dim(`${duration(one.lowMs)}–${duration(one.highMs)}`),
      measured === undefined ? look.dim("–") : duration(measured.wallMs),
      measured === undefined ? "" : offBy(one, measured.wallMs),
      measured === undefined ? "" : `${factor(measured.speedup)}×`,
      one.objection !== undefined ? look.warn("not eligible") : "",
    ];
  });
  const draw = (gap: number) => table(columns, rows, gap);
  const wide = draw(3);
  const [titles = "", ...lines] = wide.every((line) => line.length <= width) ? wide : draw(2);
  const count = grouped(advice.evidence.inputs);
  return [
    look.dim(`${count} ${advice.evidence.inputs === 1 ? "call" : "calls"}, by forecast and in the trial`),
    look.dim(titles),
    ...lines,
  ];
}

function offBy({ wallMs }: AdviceForecast, measuredMs: number): string {
  const off = Math.round((wallMs / measuredMs - 1) * 100);
  return `${off > 0 ? "+" : off < 0 ? "−" : ""}${Math.abs(off)} %`;
}

/** What one call is made of. */
function call({ profile }: Advice, width: number, look: Style): string[] {
  const { travel } = profile;
  const figures: (readonly [string, string])[] = [
    ["takes", duration(profile.wallMs)],
    ["computing", duration(profile.cpuMs)],
    ["libuv's pool", duration(profile.poolMs)],
    ["waiting", duration(profile.waitMs)],
    ["longest stretch", duration(profile.longestSyncMs)],
    ["first call", duration(profile.firstMs)],
    ["import", duration(profile.importMs)],
    ...(travel.possible
      ? ([
          ["in", memorySize(travel.bytesIn)],
          ["out", memorySize(travel.bytesOut)],
          ["coding", duration(travel.hereMs + travel.thereMs)],
        ] as const)
      : []),
    ["heap", `${Math.round(profile.heapMB)} MB`],
  ];
  return [
    look.dim("one call"),
    ...wrapParts(
      figures.map(([name, value]) => `${name} ${value}`),
      width,
    ),
  ];
}

/** Parts side by side, a figure never torn from its name. */
function wrapParts(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line} · ${part}`;
    if (longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = part;
    }
  }
  return [...lines, line];
}

function legend(advice: Advice, width: number, look: Style): string[] {
  const { calls, sampled } = advice.profile;
  const rounds = advice.evidence.detail?.rounds ?? 0;
  const text = [
    `Profiled on ${grouped(calls)} calls of ${grouped(sampled)} different ${sampled === 1 ? "sample" : "samples"} after warming up; tried in ${rounds} ${rounds === 1 ? "round" : "rounds"}, in turn, in one program, workers up.`,
    `Asking took ${duration(advice.costMs)}${advice.calibrationMs > 0 ? `, ${duration(advice.calibrationMs)} of it to measure the machine` : ""}.`,
    "brigade compare measures every level in programs of their own.",
  ];
  return wrap(text.join(" "), width).map(look.dim);
}
