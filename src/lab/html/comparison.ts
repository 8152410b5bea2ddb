// The page of a comparison: verdict, figures, what several workers give, how long items take, where the time goes, who worked when.
import { coroutinesAtOnce, words } from "../compare/plan.ts";
import { median, ratio } from "../compare/statistics.ts";
import type { Comparison, ComparisonRow } from "../report.ts";
import { duration, factor, grouped, megabytes, rate } from "../text/units.ts";
import { latencyChart } from "./charts/latency.ts";
import { rangeChart } from "./charts/ranges.ts";
import { speedupChart } from "./charts/speedup.ts";
import { comparisonCosts } from "./comparison-costs.ts";
import { comparisonTable } from "./comparison-table.ts";
import { lanesData, lanesFrame } from "./lanes.ts";
import { html, type Markup } from "./markup.ts";
import type { Page, Section } from "./page.ts";
import { headline, isChosen, machineFacts, rangeOf, terms, warning } from "./parts.ts";

/** The page of a comparison. */
export function comparisonPage(report: Comparison): Page {
  const rounds = roundsOf(report);
  return {
    command: "compare",
    title: report.function,
    facts: [
      `${grouped(report.inputs)} ${report.inputs === 1 ? "input" : "inputs"}`,
      `${rounds} ${rounds === 1 ? "round" : "rounds"}`,
      ...machineFacts(report.machine),
    ],
    sections: [verdictSection(report), ...comparisonSections(report), methodSection(report)],
    data: { lanes: lanesData(report) },
  };
}

/** The figures and charts of a comparison, without verdict and method. */
export function comparisonSections(report: Comparison): Section[] {
  const measured = report.levels.filter((row) => row.failure === undefined && row.samplesMs.length > 0);
  const { detail } = report;
  const sections: (Section | undefined)[] = [
    troubleSection(report),
    measured.length === 0
      ? undefined
      : {
          id: "figures",
          title: "Figures",
          lead: `Medians with the range of the rounds. Speed-up is over ${baselineOf(report)}. Titles sort.`,
          body: comparisonTable(report, measured),
        },
    measured.length === 0
      ? undefined
      : {
          id: "rounds",
          title: "Every round",
          short: "Rounds",
          lead: "The time of each round; the bar is the median. Marks far apart speak of a busy machine.",
          body: rangeChart(
            "Time of each round",
            measured.map((row) => ({ level: row.level, name: words(row), samples: row.samplesMs, chosen: isChosen(report, row) })),
            duration,
          ),
        },
    charted("speedup", "Speed-up by workers", "Marks are medians, whiskers the range of the rounds.", speedups(report, measured)),
    charted(
      "latency",
      "How long an item takes",
      "Running time of the items, waiting for a worker not counted. Each curve is the median of the rounds; both scales are logarithmic.",
      detail?.latencies === undefined
        ? undefined
        : latencyChart(
            detail.latencies
              .filter(({ level, size }) => measured.some((row) => row.level === level && row.size === size))
              .map((each) => ({ level: each.level, name: words(each), shares: each.shares, times: each.timesMs })),
          ),
    ),
    charted(
      "costs",
      "Where the time goes",
      "The running time of all items with serial, divided by the workers, is the best there could be. What is beyond it: items that run longer here than there, and workers that wait for the next item, for the last one, or for their results to be taken.",
      comparisonCosts(report, measured),
    ),
    charted(
      "lanes",
      "Who worked when",
      "One lane per worker; a bar is the run of one item. All lanes share one scale, so a shorter picture is a faster one.",
      lanesFrame(report),
    ),
  ];
  return sections.filter((section): section is Section => section !== undefined);
}

const shortNames: Readonly<Record<string, string>> = { speedup: "Speed-up", latency: "Latency", costs: "Costs", lanes: "Lanes" };

function charted(id: string, title: string, lead: string, body: Markup | undefined): Section | undefined {
  return body === undefined ? undefined : { id, title, short: shortNames[id] ?? title, lead, body };
}

function roundsOf(report: Comparison): number {
  return report.detail?.rounds ?? report.levels[0]?.samplesMs.length ?? 0;
}

function baselineOf(report: Comparison): string {
  const [first] = report.levels;
  return report.detail?.baseline ?? (first === undefined ? "serial" : words(first));
}

function verdictSection(report: Comparison): Section {
  const row = report.levels.find((each) => isChosen(report, each) && each.failure === undefined);
  const index = row === undefined ? -1 : report.levels.indexOf(row);
  const figures =
    row === undefined
      ? ""
      : headline([
          { value: duration(row.wallMs), what: "for all inputs", range: rangeOf(row.samplesMs, duration) },
          {
            value: `${factor(row.speedup)}×`,
            what: `as fast as ${baselineOf(report)}`,
            range: rangeOf(report.detail?.speedups[index], (value) => `${factor(value)}×`),
          },
          {
            value: rate(row.itemsPerSecond),
            what: "items per second",
            range: rangeOf(
              row.samplesMs.map((ms) => ratio(report.inputs * 1000, ms)),
              rate,
            ),
          },
          { value: duration(row.loopStallMs), what: "longest stall of the event loop" },
          { value: megabytes(row.peakRssMB), what: "memory at the peak" },
        ]);
  const cut = report.detail?.interrupted ? warning(html`<p>Interrupted: only the rounds that finished are counted.</p>`) : "";
  return {
    id: "verdict",
    short: "Verdict",
    title: row === undefined ? "No verdict" : `Verdict: ${words(row)}`,
    body: html`${cut}<div class="verdict ${row === undefined ? "" : `level-${row.level}`}"><p>${report.verdict.reason}</p></div>${figures}`,
  };
}

function troubleSection(report: Comparison): Section | undefined {
  const { detail } = report;
  const blocks: Markup[] = report.levels
    .filter((row) => row.failure !== undefined)
    .map((row) => html`<p><strong>${words(row)}</strong> could not be measured: ${row.failure}</p>`);
  const difference = detail?.difference;
  if (difference !== undefined) {
    const cause = difference.unstable
      ? `${baselineOf(report)} gives this item another result each time it runs: the function is not deterministic.`
      : "A usual cause is state that a module keeps between calls: each worker has its own.";
    blocks.push(html`<p><strong>Results differ</strong>, first at input ${difference.item + 1}: <code>${difference.input}</code></p>
<table><caption>${difference.path}</caption><thead><tr><th scope="col">level</th><th scope="col">value</th></tr></thead><tbody>
<tr><th scope="row">${baselineOf(report)}</th><td><code>${difference.expected}</code></td></tr>
<tr><th scope="row">${words(difference)}</th><td><code>${difference.actual}</code></td></tr></tbody></table><p>${cause}</p>`);
  }
  const [first] = detail?.failures ?? [];
  if (first !== undefined) {
    const count = report.levels.find((row) => row.level === first.level && row.size === first.size)?.failed ?? 0;
    const same = detail?.failures.filter(({ level, size }) => level === first.level && size === first.size) ?? [];
    blocks.push(html`<p><strong>${grouped(count)} of ${grouped(report.inputs)} items failed</strong> with ${words(first)}${count > same.length ? `; the first ${same.length}` : ""}:</p>
<ul>${same.map(({ input, message }) => html`<li><code>${input}</code>: ${message}</li>`)}</ul>`);
  }
  return blocks.length === 0 ? undefined : { id: "trouble", title: "What went wrong", body: warning(blocks) };
}

function speedups(report: Comparison, measured: readonly ComparisonRow[]): Markup | undefined {
  const series = (["thread", "process"] as const).map((level) => ({
    level,
    name: level === "thread" ? "threads" : "processes",
    points: measured
      .filter((row) => row.level === level)
      .map((row) => {
        const rounds = report.detail?.speedups[report.levels.indexOf(row)] ?? [];
        return { size: row.size, speedups: rounds.length > 0 ? rounds : [row.speedup] };
      })
      .filter(({ speedups }) => median(speedups) > 0),
  }));
  return speedupChart(series, baselineOf(report));
}

function methodSection(report: Comparison): Section {
  const rounds = roundsOf(report);
  return {
    id: "method",
    title: "How this was measured",
    short: "Method",
    body: html`<p>Each level × round ran in a fresh program, so that no level finds what another has warmed up. Rounds were interleaved and each began one level further along, so that
a machine that slows down slows all levels alike. ${rounds > 1 ? `Figures are medians of ${rounds} rounds with their range; memory, stall and failures are those of the worst.` : "There was one round, so nothing is known of the spread."}
Every result was compared with that of ${baselineOf(report)}.</p>
${terms([
  ["time", "from the first submission to the last result, workers being up and warm"],
  ["speed-up", `over ${baselineOf(report)}, round by round: the two of one round met the same weather`],
  ["p50, p99", "running time of one item: half, and 99 %, were faster. Waiting for a worker is not counted"],
  ["CPU", "processor time of the program with its children while the clock ran"],
  ["overhead", "what the level adds to one item that is sent alone: from submission to result, less the running time"],
  ["memory", "resident memory of the program plus its children, each at its peak"],
  ["stall", "longest time the event loop of the program stood still"],
  ["coroutines", `all items at once, at most ${grouped(coroutinesAtOnce)}`],
  [
    "fitted law",
    html`the universal scalability law, N / (1 + α(N−1) + βN(N−1)), by ordinary least squares over all rounds (N. J. Gunther, <cite>Guerrilla Capacity Planning</cite>, 2007)`,
  ],
  [
    "lanes",
    report.detail?.traces === undefined
      ? "the first items of the round with the middle time"
      : "a round of their own after the others, which counts in no figure",
  ],
  ["machine", machineFacts(report.machine).join(" · ")],
])}`,
  };
}
