// `acquiring()`: the clause that `select` commits to, through the protocol of core/clause.ts.
import assert from "node:assert/strict";
import type { Guard } from "../../../../src/contract/sync.ts";
import { notReady } from "../../../../src/core/clause.ts";
import { quiet } from "../../../unit/core/support.ts";
import { TestCase } from "../../../unit/sync/driver.ts";
import { type Case, lazy, watch } from "../case.ts";

export const clauses: readonly Case[] = [
  {
    name: "making a clause does nothing",
    async run({ lock, isFree }) {
      lock.acquiring();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a clause takes a free lock at once, and the guard is one like any other",
    async run({ lock, isFree }) {
      const guard = lazy(lock.acquiring()).attempt(undefined);
      assert.ok(guard !== notReady);
      assert.deepEqual([guard.held, isFree()], [true, false]);
      guard.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a clause that is not ready has taken nothing",
    async run({ lock, block, isFree }) {
      const blocking = block();
      assert.equal(lazy(lock.acquiring()).attempt(undefined), notReady);
      blocking.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "an enlisted case is served in its place in the line",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const log: string[] = [];
      const note = (name: string) => (guard: Guard) => {
        log.push(name);
        guard.release();
      };
      const before = lock.acquire().then(note("before"));
      const node = new TestCase<Guard>(lazy(lock.acquiring()));
      const chosen = node.promise.then(note("case"));
      const after = lock.acquire().then(note("after"));
      await quiet();
      assert.deepEqual(log, []);
      blocking.release();
      await Promise.all([before, chosen, after]);
      assert.deepEqual(log, ["before", "case", "after"]);
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a delisted case gets nothing, and those behind it go on",
    needs: ["exclusive"],
    async run({ lock, block, isFree }) {
      const blocking = block();
      const clause = lazy(lock.acquiring());
      const node = new TestCase<Guard>(clause);
      const seen = watch(node.promise);
      const after = lock.acquire();
      clause.delist(node);
      blocking.release();
      (await after).release();
      assert.deepEqual([seen.state, isFree()], ["pending", true]);
    },
  },
  {
    name: "a case that cannot be served now is passed over and keeps its place",
    needs: ["exclusive"],
    async run({ lock, block, isFree }) {
      const blocking = block();
      const node = new TestCase<Guard>(lazy(lock.acquiring()));
      node.ready = false;
      const after = lock.acquire();
      blocking.release();
      const guard = await after;
      node.ready = true;
      guard.release();
      (await node.promise).release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "of two cases of one select the first that is served wins, and the other leaves its line",
    async run({ lock, block, isFree }) {
      const blocking = block();
      const [first, second] = TestCase.selectOf<Guard>([lazy(lock.acquiring()), lazy(lock.acquiring())]);
      blocking.release();
      (await first?.promise)?.release();
      assert.deepEqual([second?.settled, isFree()], [false, true]);
    },
  },
];
