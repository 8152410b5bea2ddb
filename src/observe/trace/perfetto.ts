// A trace as Chrome's trace-event JSON, which ui.perfetto.dev and chrome://tracing open. A process there is a level here, a thread a worker:
// so the picture reads as the levels nest. Coroutines overlap on their thread, so theirs are asynchronous events, which stand below each
// other; those of workers are complete events.
// Source: "Trace Event Format", the Chromium project's document.
import type { Span } from "../../contract/span.ts";

/** The JSON of these spans. */
export function perfettoOf(name: string, spans: readonly Span[]): string {
  const tracks = new Tracks();
  const traceEvents: object[] = [];
  for (const { id, parent, name: task, level, worker, state, startMs, endMs, end } of spans) {
    const { pid, tid, made } = tracks.of(level, worker);
    traceEvents.push(...made);
    const common = { name: task, cat: state, pid, tid, ts: startMs * 1_000, args: { task: id, parent, state, end } };
    if (state === "running" && level !== "coroutine" && level !== "serial") {
      traceEvents.push({ ...common, ph: "X", dur: (endMs - startMs) * 1_000 });
    } else {
      traceEvents.push({ ...common, ph: "b", id }, { ...common, ph: "e", id, ts: endMs * 1_000 });
    }
  }
  return JSON.stringify({ displayTimeUnit: "ms", otherData: { name }, traceEvents });
}

/** Numbers for the levels and workers, with the events that name them. */
class Tracks {
  readonly #pids = new Map<string, number>();
  readonly #tids = new Map<string, number>();

  of(level: string, worker: string): { readonly pid: number; readonly tid: number; readonly made: readonly object[] } {
    const made: object[] = [];
    let pid = this.#pids.get(level);
    if (pid === undefined) {
      pid = this.#pids.size + 1;
      this.#pids.set(level, pid);
      made.push({ ph: "M", name: "process_name", pid, args: { name: level } });
    }
    const key = `${pid} ${worker}`;
    let tid = this.#tids.get(key);
    if (tid === undefined) {
      tid = this.#tids.size + 1;
      this.#tids.set(key, tid);
      made.push({ ph: "M", name: "thread_name", pid, tid, args: { name: worker } });
    }
    return { pid, tid, made };
  }
}
