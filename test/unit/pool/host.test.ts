// The worker's side of the pool, over a link that the test plays: what arrives when, and that each run is answered once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../../../src/contract/errors.ts";
import { encodeFailure, signalNumber } from "../../../src/executors/pool/passage.ts";
import { loadedFunction } from "../../../src/wire/load-function.ts";
import { serving, until } from "./host-stage.ts";
import { entered, latch } from "./host-work.ts";

test("runs with a claim wait for their turn, in order, and those that were taken back are passed over", () =>
  serving(async (link, clock) => {
    link.runs(1, "hold", ["one"], { claim: 1 });
    for (const id of [2, 3, 4]) link.runs(id, "give", [id], { claim: id });
    await until(clock, () => latch.open !== undefined);
    assert.deepEqual([link.claimed, entered], [[1], ["one"]]);
    link.revoked.add(3);
    latch.open?.();
    latch.open = undefined;
    await until(clock, () => link.answers(4).length > 0);
    assert.deepEqual(
      [link.claimed, entered],
      [
        [1, 2, 4],
        ["one", 2, 4],
      ],
    );
    assert.deepEqual(link.answers(3), [], "nobody waits for it here");
    assert.ok(
      link.sent.every(({ type }) => type !== "started"),
      "the claim says it",
    );
  }));

test("a run without a claim is entered beside the one that runs; one with a claim waits for both", () =>
  serving(async (link, clock) => {
    link.runs(1, "hold", ["one"], { claim: 1 });
    await until(clock, () => latch.open !== undefined);
    link.runs(2, "give", ["ahead"], { claim: 2 });
    link.runs(3, "give", ["nested"]);
    await until(clock, () => link.answers(3).length > 0);
    assert.deepEqual(entered, ["one", "nested"]);
    latch.open?.();
    latch.open = undefined;
    await until(clock, () => link.answers(2).length > 0);
    assert.deepEqual(entered, ["one", "nested", "ahead"]);
  }));

test("a run is announced, entered and answered, once each", () =>
  serving(async (link, clock) => {
    link.runs(1, "give", ["value"]);
    await until(clock, () => link.answers(1).length > 0);
    assert.deepEqual(
      link.sent.map(({ type }) => type),
      ["ready", "started", "figures", "settled"],
    );
    assert.equal(link.answer(1), "succeeded value");
    assert.deepEqual(entered, ["value"]);
  }));

test("a cancel while the module is loading: it did not happen", () =>
  serving(async (link, clock) => {
    link.runs(1, "give", ["never"], { url: `${new URL("./host-work.js", import.meta.url).href}?late` });
    link.cancels(1, "too soon");
    await until(clock, () => link.answers(1).length > 0);
    assert.equal(link.answer(1), "cancelled too soon");
    assert.deepEqual(entered, []);
  }));

test("a deadline that is long over when the run arrives: answered, and its code is not entered", () =>
  serving(async (link, clock) => {
    link.runs(1, "give", ["warm"]);
    await until(clock, () => link.answers(1).length > 0);
    entered.length = 0;
    link.runs(2, "give", ["late"], { remainingMs: -1_000 });
    link.runs(3, "give", ["never at all"], { timeoutMs: -1_000 });
    await clock.advance(100);
    for (const id of [2, 3]) assert.match(link.answer(id), /^cancelled .*(deadline|longer)/);
    assert.deepEqual(entered, []);
  }));

test("a cancel that crosses the answer is ignored; one for a run that never came too", () =>
  serving(async (link, clock) => {
    link.runs(1, "give", [1]);
    await until(clock, () => link.answers(1).length > 0);
    link.cancels(1, "late");
    link.cancels(99, "who");
    await clock.advance(10);
    assert.equal(link.answer(1), "succeeded 1");
    assert.deepEqual(link.answers(99), []);
  }));

test("an abort that arrives before the arguments are decoded reaches the signal in them", () =>
  serving(async (link, clock) => {
    const controller = new AbortController();
    link.runs(1, "listen", [controller.signal], { url: `${new URL("./host-work.js", import.meta.url).href}?abort` });
    link.delivers({ type: "abort", handle: signalNumber(controller.signal), payload: encodeFailure(new CancelledError("early"), true) });
    await until(clock, () => link.answers(1).length > 0);
    assert.equal(link.answer(1), "succeeded early");
  }));

test("an unclonable result is a failure that names its place, answered once", () =>
  serving(async (link, clock) => {
    link.runs(1, "unclonable");
    await until(clock, () => link.answers(1).length > 0);
    assert.match(link.answer(1), /^failed .*result\.deep\[0\]/);
  }));

test("code that goes on after its cancel answers with what it returns: a committed result wins", () =>
  serving(async (link, clock) => {
    link.runs(1, "hold", ["kept"]);
    await until(clock, () => entered.length > 0);
    link.cancels(1, "ignored");
    await clock.advance(10);
    assert.deepEqual(link.answers(1), []);
    latch.open?.();
    await until(clock, () => link.answers(1).length > 0);
    assert.equal(link.answer(1), "succeeded kept");
  }));

test("a module is loaded ahead without an answer; one that fails is left for the task that wants it", () =>
  serving(async (link, clock) => {
    const url = `${new URL("./host-work.js", import.meta.url).href}?ahead`;
    link.delivers({ type: "load", url, fn: "give" });
    link.delivers({ type: "load", url: "file:///no/such/module.js", fn: "give" });
    await until(clock, () => loadedFunction({ url, name: "give" }) !== undefined);
    assert.deepEqual(
      link.sent.map(({ type }) => type),
      ["ready"],
    );
    assert.deepEqual(entered, []);
    link.runs(1, "give", ["value"], { url });
    link.runs(2, "give", ["value"], { url: "file:///no/such/module.js" });
    await until(clock, () => link.answers(1).length > 0 && link.answers(2).length > 0);
    assert.equal(link.answer(1), "succeeded value");
    assert.match(link.answer(2), /^failed .*could not be imported/);
  }));
