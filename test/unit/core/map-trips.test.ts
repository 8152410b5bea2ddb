// Trips of a map: what comes back undone goes out again, in order, in whatever pieces; the window is kept whoever reads.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { currentScope } from "../../../src/core/context.ts";
import { startCoroutine } from "../../../src/core/nursery.ts";
import { MapResults } from "../../../src/core/results.ts";
import { rootScope } from "../../../src/core/scope.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { collect, rejection } from "./support.ts";

/** A map over 0…count-1 that triples; a trip does at most so many items of those it was given. */
function triples(count: number, { limit, chunk, done, ordered = true, delays = [1], failAt = -1 }: Settings) {
  const state = { trips: [] as (readonly number[])[], begun: 0, mostAhead: 0, scopes: new Set<unknown>() };
  const results = new MapResults<number, number>({
    source: Array.from({ length: count }, (_, n) => n),
    ordered,
    limit: () => limit,
    chunk: () => chunk,
    start: (items) => {
      const delayMs = delays[state.trips.push(items) % delays.length] ?? 1;
      state.scopes.add(currentScope());
      return startCoroutine<readonly number[]>(currentScope(), "trip", async () => {
        const begun = items.slice(0, Math.max(1, done));
        await sleep(delayMs);
        if (begun.includes(failAt)) throw new RangeError(`item ${failAt}`);
        state.begun += begun.length;
        return begun.map((n) => n * 3);
      });
    },
  });
  return { results, state };
}

interface Settings {
  readonly limit: number;
  readonly chunk: number;
  /** Items of a trip that are done. */
  readonly done: number;
  readonly ordered?: boolean;
  readonly delays?: readonly number[];
  readonly failAt?: number;
}

const settings = fc.record({
  limit: fc.integer({ min: 1, max: 12 }),
  chunk: fc.integer({ min: 1, max: 12 }),
  done: fc.integer({ min: 1, max: 12 }),
  ordered: fc.boolean(),
  delays: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 }),
});

test("property: each item once and in its place, however trips are cut short and whoever reads", () =>
  fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 60 }), settings, fc.boolean(), (count, options, loops) =>
      withVirtualClock(async () => {
        const { results, state } = triples(count, options);
        const values = loops ? await collect(results) : await results;
        const expected = Array.from({ length: count }, (_, n) => n * 3);
        assert.deepEqual(options.ordered ? values : values.toSorted((a, b) => a - b), expected);
        assert.equal(state.begun, count, "no item was done twice");
        assert.ok(state.scopes.size <= 1 && !state.scopes.has(rootScope), "all in the scope of the map");
      }),
    ),
    { numRuns: 300 },
  ));

test("a failure among what went out again ends the map as any other", () =>
  withVirtualClock(async () => {
    const { results } = triples(20, { limit: 10, chunk: 5, done: 2, failAt: 9 });
    const error = await rejection(results);
    assert.ok(error instanceof RangeError);
  }));

test("await holds nothing back for the order: one slow trip at the head does not stop the others", () =>
  withVirtualClock(async (clock) => {
    const { results, state } = triples(30, { limit: 4, chunk: 1, done: 1, delays: [1, 1_000, ...new Array<number>(40).fill(1)] });
    const all = Promise.resolve(results);
    await clock.advance(500);
    assert.equal(state.begun, 29, "all but the one that takes a second");
    assert.equal((await all).length, 30);
  }));

test("a loop keeps the window: behind a slow trip at the head no more than that is taken", () =>
  withVirtualClock(async (clock) => {
    const { results, state } = triples(30, { limit: 4, chunk: 1, done: 1, delays: [1, 1_000, ...new Array<number>(40).fill(1)] });
    const all = collect(results);
    await clock.advance(500);
    assert.equal(state.trips.length, 4);
    assert.equal((await all).length, 30);
  }));

test("two reads at once get one value each", () =>
  withVirtualClock(async () => {
    const { results } = triples(9, { limit: 9, chunk: 3, done: 3 });
    const reader = results[Symbol.asyncIterator]();
    const steps = await Promise.all(Array.from({ length: 10 }, () => reader.next()));
    assert.deepEqual(
      steps.map(({ value }) => value),
      [0, 3, 6, 9, 12, 15, 18, 21, 24, undefined],
    );
  }));
