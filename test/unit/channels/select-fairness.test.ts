// Which clause is chosen among several that are ready: random with a seed, or the first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../src/channels/channel.ts";
import { Select } from "../../../src/channels/persistent-select.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import { exchangeRandom, seededRandom } from "../../../src/core/random.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";

function fullChannels(count: number): Channel<number>[] {
  return Array.from({ length: count }, (_, n) => {
    const channel = new Channel<number>(1);
    channel.trySend(n);
    return channel;
  });
}

/** Counts how often each of four ready clauses is chosen. */
function tally(
  choose: (clauses: Record<string, ReturnType<Channel<number>["receiving"]>>) => { readonly key: string } | undefined,
  rounds: number,
) {
  const channels = fullChannels(4);
  const counts = [0, 0, 0, 0];
  for (let n = 0; n < rounds; n++) {
    const got = choose(Object.fromEntries(channels.map((channel, key) => [`c${key}`, channel.receiving()])));
    const index = Number(got?.key.slice(1));
    counts[index] = (counts[index] as number) + 1;
    channels[index]?.trySend(index);
  }
  return counts;
}

test("go chan_test.TestSelectFairness: each of several ready clauses is chosen about as often", () => {
  const previous = exchangeRandom(seededRandom(1));
  try {
    const counts = tally((clauses) => trySelect(clauses), 4000);
    // A thousand each; five standard deviations are 137.
    for (const count of counts) assert.ok(count > 860 && count < 1140, String(counts));
  } finally {
    exchangeRandom(previous);
  }
});

test("the order of attempts is uniform: with one clause not ready the others share evenly", () => {
  const previous = exchangeRandom(seededRandom(2));
  try {
    const [a, c] = fullChannels(2) as [Channel<number>, Channel<number>];
    const empty = new Channel<number>();
    let first = 0;
    for (let n = 0; n < 4000; n++) {
      const got = trySelect({ a: a.receiving(), empty: empty.receiving(), c: c.receiving() });
      if (got?.key === "a") first++;
      (got?.key === "a" ? a : c).trySend(1);
    }
    // A rotation instead of a shuffle would give 1333 or 2667. Five standard deviations are 158.
    assert.ok(first > 1840 && first < 2160, String(first));
  } finally {
    exchangeRandom(previous);
  }
});

test("biased takes the first that is ready, always", () => {
  assert.deepEqual(
    tally((clauses) => trySelect(clauses, { biased: true }), 100),
    [100, 0, 0, 0],
  );
  const [a, b] = fullChannels(2) as [Channel<number>, Channel<number>];
  a.tryReceive();
  assert.equal(trySelect({ a: a.receiving(), b: b.receiving() }, { biased: true })?.key, "b");
});

test("a biased Select keeps its order from round to round", async () => {
  const channels = fullChannels(3);
  const [a, b, c] = channels as [Channel<number>, Channel<number>, Channel<number>];
  using loop = new Select({ a: a.receiving(), b: b.receiving(), c: c.receiving() }, { biased: true });
  assert.deepEqual([(await loop.next()).key, (await loop.next()).key, (await loop.next()).key], ["a", "b", "c"]);
  for (const channel of channels) channel.trySend(1);
  assert.deepEqual([(await loop.next()).key, (await loop.next()).key, (await loop.next()).key], ["a", "b", "c"]);
});

test("a Select is as fair as select", async () => {
  const previous = exchangeRandom(seededRandom(3));
  try {
    const [a, b] = fullChannels(2) as [Channel<number>, Channel<number>];
    using loop = new Select({ a: a.receiving(), b: b.receiving() });
    let first = 0;
    for (let n = 0; n < 2000; n++) {
      const { key } = await loop.next();
      if (key === "a") first++;
      (key === "a" ? a : b).trySend(1);
    }
    assert.ok(first > 888 && first < 1112, String(first));
  } finally {
    exchangeRandom(previous);
  }
});

test("a busy channel does not starve another one", async () => {
  const previous = exchangeRandom(seededRandom(4));
  try {
    const [busy, quiet] = [new Channel<number>(1), new Channel<number>(1)];
    quiet.trySend(1);
    for (let n = 0; n < 100; n++) {
      busy.trySend(1);
      if ((await select({ busy: busy.receiving(), quiet: quiet.receiving() })).key === "quiet") return;
    }
    assert.fail("a hundred times the busy one");
  } finally {
    exchangeRandom(previous);
  }
});

test("a virtual clock with a seed repeats the choices", async () => {
  const run = (seed: number) => withVirtualClock(async () => tally((clauses) => trySelect(clauses), 50), { seed });
  assert.deepEqual(await run(7), await run(7));
  assert.notDeepEqual(await run(7), await run(8));
});
