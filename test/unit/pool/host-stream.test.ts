// Streams in a worker, over a link that the test plays: how far a generator goes, what it sends, and how it ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../../../src/contract/errors.ts";
import type { ItemsFrame } from "../../../src/executors/pool/frames.ts";
import { SignalRelay } from "../../../src/executors/pool/passage.ts";
import { EncodedItems } from "../../../src/executors/pool/stream/items.ts";
import { type FakeFarLink, serving, until } from "./host-stage.ts";
import { deeds } from "./stream-work.ts";

const url = new URL("./stream-work.js", import.meta.url).href;
const plenty = 1024 * 1024;

const framesOf = (link: FakeFarLink): ItemsFrame[] => link.sent.filter((frame): frame is ItemsFrame => frame.type === "items");

function itemsOf(link: FakeFarLink): unknown[] {
  const items: unknown[] = [];
  for (const frame of framesOf(link))
    for (const each = new EncodedItems(frame, new SignalRelay()); !each.isEmpty; ) items.push(each.next());
  return items;
}

test("a generator goes as far as its credit, says that it wants more, and goes on with it", () =>
  serving(async (link, clock) => {
    deeds.length = 0;
    link.runs(1, "counts", [10], { url, stream: { items: 4, bytes: plenty } });
    await until(clock, () => framesOf(link).at(-1)?.wanting === true);
    assert.deepEqual(itemsOf(link), [1, 2, 3, 4]);
    assert.deepEqual(deeds, ["yields 1", "yields 2", "yields 3", "yields 4"]);
    link.delivers({ type: "credit", id: 1, items: 2, bytes: 0 });
    await until(clock, () => itemsOf(link).length === 6);
    assert.equal(deeds.length, 6);
    link.delivers({ type: "credit", id: 1, items: 100, bytes: 0 });
    await until(clock, () => link.answers(1).length > 0);
    assert.equal(link.answer(1), "succeeded undefined");
    assert.deepEqual(itemsOf(link), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(link.sent.at(-1)?.type, "settled", "after the last item");
    assert.equal(deeds.at(-1), "finally");
  }));

test("bytes bound it as items do, and then a wider window would not help", () =>
  serving(async (link, clock) => {
    deeds.length = 0;
    link.runs(1, "pads", [1_000], { url, stream: { items: 100, bytes: 2_500 } });
    await until(clock, () => itemsOf(link).length === 3);
    await clock.advance(1_000);
    assert.equal(deeds.length, 3, "up to its bytes and one item more");
    assert.ok(framesOf(link).every(({ wanting }) => !wanting));
    link.cancels(1, "enough");
    await until(clock, () => link.answers(1).length > 0);
    assert.equal(link.answer(1), "cancelled enough");
  }));

test("cancelled while it stands at a yield: its finally runs to its end, and then it is answered", () =>
  serving(async (link, clock) => {
    deeds.length = 0;
    link.runs(1, "tidies", [], { url, stream: { items: 2, bytes: plenty } });
    await until(clock, () => framesOf(link).at(-1)?.wanting === true);
    link.cancels(1, "no reader");
    // Credit that crosses the cancel does not revive it.
    link.delivers({ type: "credit", id: 1, items: 2, bytes: 0 });
    await until(clock, () => link.answers(1).length > 0);
    assert.equal(link.answer(1), "cancelled no reader");
    assert.deepEqual(deeds, [new CancelledError("").name, "tidy"], "its operations are cancelled, its own waits are not");
    assert.deepEqual(itemsOf(link), [1, 2]);
    link.delivers({ type: "credit", id: 1, items: 2, bytes: 0 });
    await clock.advance(10);
    assert.equal(link.answers(1).length, 1);
  }));

test("cancelled before its module is loaded: its code is never entered", () =>
  serving(async (link, clock) => {
    deeds.length = 0;
    link.runs(1, "counts", [3], { url: `${url}?again`, stream: { items: 2, bytes: plenty } });
    link.cancels(1, "early");
    await until(clock, () => link.answers(1).length > 0);
    assert.equal(link.answer(1), "cancelled early");
    assert.deepEqual([deeds, framesOf(link)], [[], []]);
  }));

test("the first item leaves at once, those behind it together", () =>
  serving(async (link, clock) => {
    link.runs(1, "counts", [500], { url, stream: { items: 1_000, bytes: plenty } });
    await until(clock, () => link.answers(1).length > 0);
    assert.equal(itemsOf(link).length, 500);
    assert.deepEqual(
      [new EncodedItems(framesOf(link)[0] as ItemsFrame, new SignalRelay()).next(), framesOf(link).length < 100],
      [1, true],
      `${framesOf(link).length} frames`,
    );
  }));
