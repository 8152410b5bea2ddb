// Ageing: what is less urgent has its turn, and what is urgent does not pay more than a turn in four for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AheadStage, onAheadStage, warmed } from "./ahead-links.ts";
import { onStage, type Stage } from "./fake-links.ts";
import { work } from "./work.ts";

/** Worker 0 ends what it does, and says what it was given next. */
async function turn({ worker, settle }: Stage): Promise<unknown> {
  worker(0).started().succeeds();
  await settle();
  return worker(0).calls.at(-1);
}

/** A pool of one that is at work, with something less urgent that waits. */
async function held({ pool, worker, settle }: Stage): Promise<void> {
  void pool.run(work, "first");
  await settle();
  worker(0).ready();
  void pool.run(work, "low");
}

test("for a second priority alone decides; then the one that has waited longest has one turn in four", () =>
  onStage({}, async (stage) => {
    await held(stage);
    const urgent = stage.pool.with({ priority: 1 });
    for (let n = 0; n < 40; n++) void urgent.run(work, n);
    await stage.clock.advance(999);
    for (let n = 0; n < 20; n++) assert.equal(await turn(stage), n);
    await stage.clock.advance(1);
    assert.equal(await turn(stage), "low", "it was passed over long enough");
    for (let n = 20; n < 40; n++) assert.equal(await turn(stage), n);
    stage.worker(0).started().succeeds();
  }));

test("behind a backlog that has aged the urgent still have three turns in four", () =>
  onStage({}, async (stage) => {
    await held(stage);
    for (let n = 0; n < 20; n++) void stage.pool.run(work, "low");
    await stage.clock.advance(60_000);
    const urgent = stage.pool.with({ priority: 1 });
    for (let n = 0; n < 9; n++) void urgent.run(work, "urgent");
    await stage.settle();
    const given: unknown[] = [];
    for (let n = 0; n < 12; n++) given.push(await turn(stage));
    const three = ["urgent", "urgent", "urgent", "low"];
    assert.deepEqual(given, [...three, ...three, ...three]);
    for (let n = 0; n < 18; n++) await turn(stage);
    stage.worker(0).started().succeeds();
  }));

test("a key's line and the common one age alike", () =>
  onStage({}, async (stage) => {
    await held(stage);
    void stage.pool.with({ key: "k" }).run(work, "low keyed");
    await stage.clock.advance(1_000);
    const urgent = stage.pool.with({ priority: 1 });
    const urgentKeyed = stage.pool.with({ priority: 1, key: "k" });
    for (let n = 0; n < 4; n++) void urgent.run(work, "urgent");
    for (let n = 0; n < 4; n++) void urgentKeyed.run(work, "urgent keyed");
    await stage.settle();
    const given: unknown[] = [];
    for (let n = 0; n < 10; n++) given.push(await turn(stage));
    assert.deepEqual(given, [
      ...["urgent", "urgent", "urgent", "low"],
      ...["urgent", "urgent keyed", "urgent keyed", "low keyed"],
      ...["urgent keyed", "urgent keyed"],
    ]);
    stage.worker(0).started().succeeds();
  }));

test("a turn for age is not taken back when something urgent comes", () =>
  onAheadStage({}, async (stage) => {
    const { pool, worker, settle, clock } = stage;
    // Two at a time.
    await warmed(stage, 1, 0.5);
    const urgent = pool.with({ priority: 1 });
    void pool.run(work, "low");
    for (let n = 0; n < 5; n++) void urgent.run(work, `u${n}`);
    await settle();
    await clock.advance(1_000);
    const done: unknown[] = [];
    for (let n = 5; done.at(-1) !== "low"; n++) {
      assert.ok(n < 20, `it never had its turn: ${done.join(" ")}`);
      // One more comes before each look of the worker.
      void urgent.run(work, `u${n}`);
      await settle();
      const next = worker(0).calls.find((call, place) => place > 0 && !done.includes(call));
      worker(0).does(next, 0.5);
      done.push(next);
      await settle();
    }
    assert.ok(done.length <= 6, done.join(" "));
    await finish(stage, done);
  }));

/** The worker does what is left. */
async function finish({ worker, settle, statistics }: AheadStage, done: unknown[]): Promise<void> {
  while (statistics().waiting + statistics().running > 0) {
    const next = worker(0).calls.find((call, place) => place > 0 && !done.includes(call));
    worker(0).does(next);
    done.push(next);
    await settle();
  }
}

const low = fc.record({ priority: fc.integer({ min: -5, max: 0 }), key: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }) });

test("property: nobody starves, whatever keeps coming", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(low, { minLength: 1, maxLength: 6 }),
      fc.array(fc.record({ priority: fc.integer({ min: 1, max: 4 }), key: fc.option(fc.constantFrom("a", "x"), { nil: undefined }) }), {
        minLength: 1,
        maxLength: 5,
      }),
      (size, lows, pattern) =>
        onStage({ size }, async ({ pool, workers, settle, clock }) => {
          let came = 0;
          const urgent = () => {
            const { priority, key } = pattern[came++ % pattern.length] ?? {};
            void pool.with({ priority, key }).run(work, "urgent");
          };
          for (let place = 0; place < size; place++) urgent();
          await settle();
          const waiting = lows.map(({ priority, key }) => pool.with({ priority, key }).run(work, "low"));
          await clock.advance(1_000);
          // Each turn one ends on every worker, and more come than have ended.
          for (let round = 0; round < 4 * (lows.length + 1) + 4; round++) {
            for (const worker of [...workers]) {
              urgent();
              if (worker.gone) continue;
              const given = worker.runs.length;
              if (given === 0) continue;
              if (!answered.has(worker.lastId)) {
                answered.add(worker.lastId);
                worker.started().succeeds();
              }
              await settle();
            }
          }
          const starved = waiting.filter(({ state }) => state === "waiting").length;
          assert.equal(starved, 0, `${starved} of ${lows.length} have not had a turn`);
        }),
    ),
    { numRuns: 60 },
  ));

const answered = new Set<number>();
