// The page of a trace: each function with what became of its tasks, and the lanes.
import type { Span } from "../../contract/span.ts";
import { duration } from "../text/units.ts";
import { type LaneData, lanesTools } from "./lanes.ts";
import { html } from "./markup.ts";
import { type Page, page } from "./page.ts";
import { table } from "./table.ts";

/** A trace as one HTML document that fetches nothing. Names in it are shown as text. Never waits, but reads two files of brigade's at the first call. */
export function renderTrace(name: string, spans: readonly Span[], dropped: number): string {
  return page(tracePage(name, spans, dropped));
}

/** What is told of one function. */
interface FunctionRow {
  readonly tasks: Set<string>;
  readonly ms: Record<Span["state"], number>;
  failed: number;
}

function tracePage(name: string, spans: readonly Span[], dropped: number): Page {
  const endMs = spans.reduce((latest, span) => Math.max(latest, span.endMs), 0);
  const rows = new Map<string, FunctionRow>();
  for (const { id, name: of, state, startMs, endMs: to, end } of spans) {
    const row = rows.get(of) ?? { tasks: new Set<string>(), ms: { queued: 0, running: 0, parked: 0 }, failed: 0 };
    rows.set(of, row);
    row.tasks.add(id);
    row.ms[state] += to - startMs;
    if (end === "failed") row.failed++;
  }
  const lanes = lanesOf(spans);
  const columns = ["tasks", "failed", "queued", "running", "waiting"].map((title) => ({ title, align: "right" as const }));
  return {
    command: "trace",
    title: name,
    facts: [
      `${rows.size} ${rows.size === 1 ? "function" : "functions"}`,
      duration(endMs),
      ...(dropped > 0 ? [`${dropped} spans dropped`] : []),
    ],
    sections: [
      {
        id: "functions",
        title: "Functions",
        lead: "Times of all tasks of a function, added up.",
        body: table(
          "Functions and what became of their tasks",
          [{ title: "function" }, ...columns],
          [...rows].map(([of, { tasks, ms, failed }]) => ({
            cells: [
              { content: of, sort: of },
              { content: String(tasks.size), sort: tasks.size },
              { content: String(failed), sort: failed },
              ...(["queued", "running", "parked"] as const).map((state) => ({ content: duration(ms[state]), sort: ms[state] })),
            ],
          })),
        ),
      },
      {
        id: "lanes",
        title: "Lanes",
        lead: "One lane per worker, and more where tasks overlap on one; a bar is a stretch of running, numbered by its task.",
        body:
          lanes.length === 0
            ? html`<p>Nothing ran.</p>`
            : lanesTools(lanes.map(({ title }) => title).join(", "), "All stretches of running that were kept."),
      },
    ],
    data: { lanes },
  };
}

/** Running stretches, by level; a task has one number wherever it is drawn. Times are whole microseconds. */
function lanesOf(spans: readonly Span[]): LaneData[] {
  const numbers = new Map<string, number>();
  for (const { id } of spans) if (!numbers.has(id)) numbers.set(id, numbers.size);
  const levels = [...new Set(spans.map(({ level }) => level))];
  return levels.flatMap((level): LaneData[] => {
    const running = spans.filter((span) => span.level === level && span.state === "running");
    if (running.length === 0) return [];
    const workers = [...new Set(running.map(({ worker }) => worker))];
    return [
      {
        title: level,
        level,
        workers,
        worker: running.map(({ worker }) => workers.indexOf(worker)),
        item: running.map(({ id }) => numbers.get(id) ?? 0),
        start: running.map(({ startMs }) => Math.round(startMs * 1_000)),
        length: running.map(({ startMs, endMs: to }) => Math.round((to - startMs) * 1_000)),
      },
    ];
  });
}
