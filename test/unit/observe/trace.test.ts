import assert from "node:assert/strict";
import { test } from "node:test";
import {
  all,
  CancelledError,
  Channel,
  coroutines,
  openProcesses,
  sleep,
  WorkerLostError,
  withTaskGroup,
} from "../../../src/runtime/index.ts";
import { recordTrace, type Span, watch } from "../../../src/runtime/observe.ts";
import { withVirtualClock } from "../../../src/runtime/testing.ts";
import { killed, spin } from "./work.ts";

const stretches = (spans: readonly Span[], name: string) =>
  spans.filter((span) => span.name === name).map(({ state, startMs, endMs, end }) => ({ state, ms: Math.round(endMs - startMs), end }));

test("a coroutine runs, stands parked, and runs again, and its outcome stands at its last stretch", async () => {
  const trace = await withVirtualClock(() =>
    recordTrace(() =>
      withTaskGroup(async (group) => {
        group.run(async function simmer() {
          await sleep(30);
          await sleep(20);
        });
        await sleep(100);
        return "done";
      }),
    ),
  );
  assert.deepEqual(trace.outcome, { state: "succeeded", value: "done" });
  assert.deepEqual(
    stretches(trace.spans, "simmer").filter(({ ms, end }) => ms > 0 || end !== undefined),
    [
      { state: "parked", ms: 30, end: undefined },
      { state: "parked", ms: 20, end: undefined },
      { state: "running", ms: 0, end: "succeeded" },
    ],
  );
  assert.equal(trace.dropped, 0);
});

test("what fails and what is cancelled is kept with its end, and a task that never ran was queued to its end", async () => {
  const trace = await withVirtualClock(() =>
    recordTrace(async () => {
      const group = withTaskGroup(async (each) => {
        each.run(() => sleep(1_000));
        each.run(async function spoil() {
          await sleep(5);
          throw new RangeError("burnt");
        });
      });
      await group.catch(() => {});
      const late = coroutines.run(async function late() {});
      late.cancel("not today");
      await late.catch(() => {});
      throw new CancelledError("the whole");
    }),
  );
  assert.equal(trace.outcome.state, "cancelled");
  assert.deepEqual(stretches(trace.spans, "spoil").at(-1), { state: "running", ms: 0, end: "failed" });
  assert.deepEqual(
    trace.spans.filter((span) => span.name === "late").map(({ state, end }) => ({ state, end })),
    [{ state: "queued", end: "cancelled" }],
  );
  assert.ok(trace.spans.some((span) => span.state === "parked" && span.name !== "spoil"));
});

test("children know their parent, and stretches of one task follow each other without overlap", async () => {
  const channel = new Channel<number>(1);
  const trace = await recordTrace(() =>
    coroutines.run(async function chef() {
      await all([
        async function cook() {
          for (let n = 0; n < 20; n++) await channel.send(n);
          channel.close();
        },
        async function waiter() {
          for await (const dish of channel) if (dish % 3 === 0) await sleep(0);
        },
      ]);
    }),
  );
  const chef = trace.spans.find((span) => span.name === "chef");
  assert.ok(chef);
  for (const name of ["cook", "waiter"]) {
    const own = trace.spans.filter((span) => span.name === name);
    assert.ok(own.length >= 3, name);
    assert.ok(own.every((span) => span.parent === chef.id));
    for (const [i, span] of own.entries()) {
      assert.ok(span.endMs >= span.startMs);
      const next = own[i + 1];
      if (next) assert.ok(next.startMs >= span.endMs - 1e-6, `${name} ${i}`);
    }
  }
});

test("a pool of processes that loses a child: the lane ends in x, another worker goes on", async () => {
  await using pool = openProcesses({ size: 1, name: "kitchen" });
  const trace = await recordTrace(async () => {
    await pool.run(spin, 20);
    await assert.rejects(pool.run(killed), WorkerLostError);
    return pool.run(spin, 20);
  });
  assert.equal(trace.outcome.state, "succeeded");
  const workers = new Set(trace.spans.filter(({ name }) => name === "spin").map(({ worker }) => worker));
  assert.deepEqual([...workers].sort(), ["kitchen-1", "kitchen-2"]);
  assert.equal(trace.spans.find(({ name, state }) => name === "killed" && state === "running")?.end, "failed");
  for (const width of [60, 80, 120]) {
    const picture = trace.toLanes({ width });
    for (const line of picture.split("\n")) assert.ok([...line].length <= width, line);
    assert.match(picture, /^kitchen-1 .*x/m);
    assert.match(picture, /^kitchen-2 .*\|/m); // narrow, where the machine took long to start it
    assert.match(picture, /^A spin {3}B killed {3}x failed$/m);
  }
});

test("the lanes of coroutines dot what waits", async () => {
  const trace = await withVirtualClock(() =>
    recordTrace(async () => {
      await all([() => sleep(100), () => sleep(50)]);
    }),
  );
  const lines = trace.toLanes({ width: 46 }).split("\n");
  assert.match(lines[0] ?? "", /\|·+A1·+\|$/);
  assert.match(lines[1] ?? "", /\|·+[AB]\d·+\|$/);
  assert.match(lines.at(-1) ?? "", /· waits/);
});

test("a recording is stopped by hand, twice gives the same, and cuts what lives still", async () => {
  const recording = recordTrace({ name: "kitchen" });
  const task = coroutines.run(async function simmer() {
    await sleep(10_000);
  });
  await sleep(5);
  const trace = await recording.stop();
  assert.equal(await recording.stop(), trace);
  assert.equal(trace.spans.at(-1)?.end, undefined);
  assert.equal(trace.spans.at(-1)?.name, "simmer");
  await task.stop();
  assert.equal((await recording.stop()).spans.length, trace.spans.length);
});

test("no more than maxSpans are kept, the oldest go, and the surplus is counted", async () => {
  const trace = await recordTrace(
    () =>
      withTaskGroup(async (group) => {
        for (let n = 0; n < 500; n++) group.run(async () => n);
      }),
    { maxSpans: 100 },
  );
  assert.equal(trace.spans.length, 100);
  assert.ok(trace.dropped >= 400);
  assert.throws(() => recordTrace({ maxSpans: 0 }), /maxSpans is 0; a trace keeps at least one span/);
});

test("a watch and two recordings at once all hear of everything, and leave nothing installed", async () => {
  const outer = recordTrace();
  const stop = new AbortController();
  const findings = (async () => {
    for await (const finding of watch({ blockedLoopMs: 0, signal: stop.signal })) assert.fail(finding.code);
  })();
  const inner = await recordTrace(() => coroutines.run(async function inside() {}));
  stop.abort();
  await findings;
  await coroutines.run(async function afterwards() {});
  const names = (await outer.stop()).spans.map(({ name }) => name);
  assert.ok(names.includes("inside") && names.includes("afterwards"));
  assert.deepEqual([...new Set(inner.spans.map(({ name }) => name))], ["inside"]);
  const { taskRecorder } = await import("../../../src/core/task-recorder.ts");
  assert.equal(taskRecorder, undefined);
});

test("Perfetto's JSON: levels as processes, workers as threads, begin and end in pairs, microseconds", async () => {
  const trace = await recordTrace(async () => {
    await coroutines.run(async function simmer() {
      await sleep(3);
    });
  });
  const { traceEvents } = JSON.parse(trace.toPerfetto()) as {
    traceEvents: { ph: string; name: string; ts?: number; id?: string; args: { name?: string; state?: string } }[];
  };
  assert.deepEqual(
    traceEvents.filter(({ ph }) => ph === "M").map(({ name, args }) => [name, args.name]),
    [
      ["process_name", "coroutine"],
      ["thread_name", "main"],
    ],
  );
  const begins = traceEvents.filter(({ ph }) => ph === "b");
  const ends = traceEvents.filter(({ ph }) => ph === "e");
  assert.equal(begins.length, ends.length);
  const parked = begins.findIndex(({ args }) => args.state === "parked");
  const lengthMs = ((ends[parked]?.ts ?? 0) - (begins[parked]?.ts ?? 0)) / 1_000;
  assert.ok(lengthMs >= 2 && lengthMs < 5_000, `${lengthMs}`);
});

test("the page names functions and workers as text, and fetches nothing", async () => {
  const hostile = "</script><img src=x onerror=alert(1)>";
  const trace = await recordTrace(() => coroutines.run(Object.defineProperty(async () => {}, "name", { value: hostile })), {
    name: hostile,
  });
  const page = trace.toHTML();
  assert.match(page, /^<!doctype html>/);
  assert.ok(!page.includes("<img src=x"));
  assert.match(page, /&lt;\/script&gt;/);
  assert.doesNotMatch(page, /(?:src|href)="(?!#)/);
});
