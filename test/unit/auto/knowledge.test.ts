import assert from "node:assert/strict";
import { test } from "node:test";
import { Knowledge } from "../../../src/runtime/auto/knowledge.ts";

function called(times: number, heldMs: number, knowledge = new Knowledge()): Knowledge {
  for (let i = 0; i < times; i++) {
    knowledge.beginsHere();
    knowledge.heldHere(heldMs);
  }
  return knowledge;
}

test("nothing is known before the first call", () => {
  const fresh = new Knowledge();
  assert.ok(fresh.isUnknown && !fresh.isThere && !fresh.wantsToTravel);
  assert.match(fresh.explain().reason, /not been called yet/);
});

test("what is short stays, however often it is called", () => {
  const short = called(100_000, 0.2);
  assert.ok(!short.isUnknown && !short.wantsToTravel);
  assert.match(short.explain().reason, /0\.2 ms, and less than 1\.0 ms is not worth the way/);
});

test("one long stretch is reason enough; shorter ones have to add up to what a thread costs", () => {
  assert.ok(called(1, 12).wantsToTravel);
  assert.ok(!called(5, 3).wantsToTravel);
  assert.match(called(5, 3).explain().reason, /as yet: .* for no more than 15 ms/);
  assert.ok(called(11, 3).wantsToTravel);
});

test("it goes when its values travel cheaply, and not when coding them costs a good part of the call", () => {
  const cheap = called(1, 20);
  cheap.travels(0.1);
  assert.ok(cheap.isThere);
  assert.deepEqual([cheap.explain().level, cheap.explain().worthwhileMs], ["thread", 1]);
  const costly = called(1, 20);
  costly.travels(8);
  assert.ok(!costly.isThere);
  assert.equal(costly.explain().worthwhileMs, 32);
  assert.match(costly.explain().reason, /less than 32 ms is not worth the way/);
  assert.ok(!costly.wantsToTravel, "not at every call");
  called(1, 20, costly);
  assert.ok(costly.wantsToTravel, "but again, when it has been called twice as often");
  costly.travels(0.1);
  costly.travels(0.1);
  costly.travels(0.1);
  assert.ok(costly.isThere, "one measurement of many was wrong");
});

test("what cannot travel stays for good, and says why", () => {
  const knowledge = called(3, 50);
  knowledge.stays("its result cannot travel: result.socket is a function");
  assert.ok(!knowledge.wantsToTravel && !knowledge.isThere);
  assert.match(knowledge.explain().reason, /its result cannot travel: result\.socket/);
});

test("what has become short comes back, after some calls, and not at a little less than what took it there", () => {
  const knowledge = called(1, 20);
  knowledge.travels(0.1);
  for (let i = 0; i < 50; i++) knowledge.ranThere(0.5);
  assert.ok(knowledge.isThere, "half of what is worth the way: it would go to and fro");
  knowledge.ranThere(0.01);
  assert.ok(knowledge.isThere, "one short call is none");
  for (let i = 0; i < 20; i++) knowledge.ranThere(0.01);
  assert.ok(!knowledge.isThere);
  assert.equal(knowledge.explain().level, "coroutine");
  assert.ok(!knowledge.wantsToTravel);
});
