// Parking lot: the order of the line, leaving from anywhere, nodes that are passed over, and what the host is told of. Trio's cases are named by
// their ids (src/trio/_core/_tests/test_parking_lot.py, own code).
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CancelledError, TimeoutError } from "../../../src/contract/errors.ts";
import type { WaitOptions } from "../../../src/contract/waiting.ts";
import { runInScope } from "../../../src/core/context.ts";
import { enterOperation, type LineNode, type Parked } from "../../../src/core/parked.ts";
import { type LotHost, ParkingLot } from "../../../src/core/parking-lot.ts";
import { CancelScope, rootScope } from "../../../src/core/scope.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { quiet, rejection } from "./support.ts";

/** A host that counts who has left. */
class Host implements LotHost {
  readonly waitingFor = "a test";
  readonly lengths: number[] = [];
  lot: ParkingLot<string, number> | undefined;

  withdrawn(): void {
    this.lengths.push(this.lot?.length ?? -1);
  }
}

function open(): { readonly lot: ParkingLot<string, number>; readonly host: Host } {
  const host = new Host();
  const lot = new ParkingLot<string, number>(host);
  host.lot = lot;
  return { lot, host };
}

const park = (lot: ParkingLot<string, number>, payload: number, options?: WaitOptions, scope = rootScope): Parked<string, number> =>
  lot.park(
    runInScope(scope, () => enterOperation(options)),
    options,
    payload,
  );

/** A node that is no parked operation, as a case of a select is none. */
class Node implements LineNode<string, number> {
  next: LineNode<string, number> | undefined = undefined;
  previous: LineNode<string, number> | undefined = undefined;
  ready = true;
  readonly payload: number;
  readonly select: object | undefined;
  got: unknown;

  constructor(payload: number, select?: object) {
    this.payload = payload;
    this.select = select;
  }
  settle(value: string): void {
    this.got = value;
  }
  fail(error: unknown): void {
    this.got = error;
  }
}

/** A node of another line that wants to serve one of this. */
const server = (select?: object) => new Node(0, select) as unknown as LineNode<never, never>;

const payloads = (lot: Iterable<LineNode<string, number>>): number[] => [...lot].map(({ payload }) => payload);

test("first in, first out", async () => {
  const { lot } = open();
  const parked = [1, 2, 3].map((payload) => park(lot, payload));
  assert.deepEqual([lot.length, lot.first, payloads(lot)], [3, parked[0], [1, 2, 3]]);
  for (const each of parked) {
    const node = lot.shift();
    assert.equal(node, each);
    node?.settle(`served ${node.payload}`);
  }
  assert.deepEqual([lot.length, lot.first, lot.shift()], [0, undefined, undefined]);
  assert.deepEqual(await Promise.all(parked.map(({ promise }) => promise)), ["served 1", "served 2", "served 3"]);
});

test("a node leaves from the front, the middle and the end", () => {
  const { lot } = open();
  const nodes = [0, 1, 2, 3, 4].map((payload) => new Node(payload));
  for (const node of nodes) lot.enlist(node);
  for (const place of [2, 0, 4]) lot.remove(nodes[place] as Node);
  assert.deepEqual([payloads(lot), lot.length], [[1, 3], 2]);
  for (const place of [3, 1]) lot.remove(nodes[place] as Node);
  assert.deepEqual([payloads(lot), lot.length, lot.first], [[], 0, undefined]);
  lot.enlist(nodes[2] as Node);
  assert.deepEqual(payloads(lot), [2]);
  for (const { next, previous } of nodes) assert.deepEqual([next, previous], [undefined, undefined]);
});

test("a cancelled operation is out of the line when the host is told, and when its promise rejects", async () => {
  const { lot, host } = open();
  const scope = new CancelScope(undefined, undefined);
  const [first, second, third] = [park(lot, 1), park(lot, 2, undefined, scope), park(lot, 3)];
  const error = new CancelledError("why");
  scope.cancelWith(error);
  assert.deepEqual([payloads(lot), host.lengths, second.waiting], [[1, 3], [2], false]);
  assert.equal(await rejection(second.promise), error);
  lot.settleAll("rest");
  assert.deepEqual(await Promise.all([first.promise, third.promise]), ["rest", "rest"]);
});

test("what was taken out to be served is not cancelled any more, and the host is told nothing", async () => {
  const { lot, host } = open();
  const scope = new CancelScope(undefined, undefined);
  const parked = park(lot, 1, undefined, scope);
  lot.shift()?.settle("served");
  scope.cancelWith(new CancelledError());
  assert.deepEqual([await parked.promise, host.lengths], ["served", []]);
});

test("a signal and a timeout take their operation out", async () => {
  await withVirtualClock(async (clock) => {
    const { lot, host } = open();
    const controller = new AbortController();
    const aborted = park(lot, 1, { signal: controller.signal });
    const late = park(lot, 2, { timeout: 10 });
    const ends = [rejection(aborted.promise), rejection(late.promise)];
    controller.abort();
    await clock.advance(10);
    const [first, second] = await Promise.all(ends);
    assert.deepEqual([first instanceof CancelledError, second instanceof TimeoutError], [true, true]);
    assert.match((second as Error).message, /Waiting for a test took longer than 10 ms/);
    assert.deepEqual([lot.length, host.lengths], [0, [1, 0]]);
  });
});

test("a host need not want to be told", async () => {
  const lot = new ParkingLot<void>({ waitingFor: "nothing much" });
  const scope = new CancelScope(undefined, undefined);
  const parked = lot.park(scope, undefined, undefined);
  assert.equal(lot.waitingFor, "nothing much");
  scope.cancelWith(new CancelledError());
  await rejection(parked.promise);
  assert.equal(lot.length, 0);
});

test("nodes that cannot be served now keep their place and are passed over", () => {
  const { lot } = open();
  const nodes = [0, 1, 2].map((payload) => new Node(payload));
  for (const node of nodes) lot.enlist(node);
  const [first, second, third] = nodes as [Node, Node, Node];
  first.ready = false;
  assert.equal(lot.first, second);
  assert.equal(lot.shift(), second);
  third.ready = false;
  assert.deepEqual([lot.first, lot.shift(), lot.length], [undefined, undefined, 2]);
  first.ready = true;
  assert.equal(lot.shift(), first);
  assert.deepEqual(payloads(lot), [2]);
});

test("two cases of one select never serve each other", () => {
  const { lot } = open();
  const [one, other] = [{}, {}];
  const nodes = [new Node(0, one), new Node(1, other), new Node(2)];
  for (const node of nodes) lot.enlist(node);
  assert.equal(lot.firstFor(server(one))?.payload, 1);
  assert.equal(lot.firstFor(server(other))?.payload, 0);
  assert.equal(lot.firstFor(server())?.payload, 0);
  assert.equal(lot.firstFor(undefined)?.payload, 0);
  for (const node of nodes.slice(1)) lot.remove(node);
  assert.equal(lot.firstFor(server(one)), undefined);
});

test("settleAll and failAll serve everybody, those included that are passed over", async () => {
  const { lot } = open();
  const asleep = new Node(1);
  asleep.ready = false;
  const parked = park(lot, 0);
  lot.enlist(asleep);
  lot.settleAll("all");
  assert.deepEqual([await parked.promise, asleep.got, lot.length], ["all", "all", 0]);
  const other = park(lot, 2);
  lot.enlist(asleep);
  const end = rejection(other.promise);
  lot.failAll(({ payload }) => new RangeError(`no ${payload}`));
  assert.deepEqual([String(await end), String(asleep.got), lot.length], ["RangeError: no 2", "RangeError: no 1", 0]);
});

test("a line may be walked while its nodes are served", () => {
  const { lot } = open();
  for (const payload of [0, 1, 2, 3]) lot.enlist(new Node(payload));
  const seen: number[] = [];
  for (const node of lot) {
    seen.push(node.payload);
    if (node.payload % 2 === 0) lot.remove(node);
  }
  assert.deepEqual(
    [seen, payloads(lot)],
    [
      [0, 1, 2, 3],
      [1, 3],
    ],
  );
});

// ---- trio ----

test("trio test_parking_lot_basic: park, unpark some, unpark all", async () => {
  const { lot } = open();
  const record: string[] = [];
  const waiting = [0, 1, 2].map(async (payload) => {
    record.push(`sleep ${payload}`);
    await park(lot, payload).promise;
    record.push(`wake ${payload}`);
  });
  assert.deepEqual([record, lot.length], [["sleep 0", "sleep 1", "sleep 2"], 3]);
  lot.settleAll("all");
  await Promise.all(waiting);
  assert.deepEqual(record.slice(3), ["wake 0", "wake 1", "wake 2"]);
  const again = [0, 1, 2].map(async (payload) => {
    await park(lot, payload).promise;
    record.push(`wake again ${payload}`);
  });
  for (const payload of [0, 1, 2]) {
    lot.shift()?.settle("one");
    await quiet(1);
    assert.equal(record.at(-1), `wake again ${payload}`);
  }
  await Promise.all(again);
});

test("trio test_parking_lot_cancel: a cancelled waiter in the middle leaves the others their order", async () => {
  const { lot } = open();
  const scope = new CancelScope(undefined, undefined);
  const record: string[] = [];
  const waiting = [1, 2, 3].map(async (payload) => {
    try {
      await park(lot, payload, undefined, payload === 2 ? scope : rootScope).promise;
      record.push(`wake ${payload}`);
    } catch {
      record.push(`cancelled ${payload}`);
    }
  });
  scope.cancelWith(new CancelledError());
  await quiet(1);
  assert.deepEqual([record, lot.length], [["cancelled 2"], 2]);
  lot.settleAll("rest");
  await Promise.all(waiting);
  assert.deepEqual(record, ["cancelled 2", "wake 1", "wake 3"]);
});

test("trio test_parking_lot_repark: a node moves to the end of another line", () => {
  const [from, to] = [open().lot, open().lot];
  for (const payload of [0, 1]) from.enlist(new Node(payload));
  to.enlist(new Node(9));
  for (let node = from.shift(); node !== undefined; node = from.shift()) to.enlist(node);
  assert.deepEqual([payloads(from), payloads(to)], [[], [9, 0, 1]]);
});

test("trio test_parking_lot_breaker: those who wait for what is gone get an error of their own each", async () => {
  const { lot } = open();
  const ends = [park(lot, 0), park(lot, 1)].map(({ promise }) => rejection(promise));
  lot.failAll(() => new RangeError("broken"));
  const [first, second] = await Promise.all(ends);
  assert.deepEqual([String(first), String(second), first === second], ["RangeError: broken", "RangeError: broken", false]);
});

// ---- against a model ----

test("a line does what an array does", () => {
  const step = fc.record({ kind: fc.constantFrom("enlist", "remove", "shift", "sleep", "wake"), which: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { lot } = open();
      let model: Node[] = [];
      for (const [index, { kind, which }] of steps.entries()) {
        const chosen = model[which % Math.max(1, model.length)];
        if (kind === "enlist") {
          const node = new Node(index);
          lot.enlist(node);
          model.push(node);
        } else if (kind === "remove" && chosen !== undefined) {
          lot.remove(chosen);
          model = model.filter((each) => each !== chosen);
        } else if (kind === "shift") {
          const expected = model.find(({ ready }) => ready);
          assert.equal(lot.shift(), expected);
          model = model.filter((each) => each !== expected);
        } else if (chosen !== undefined) chosen.ready = kind === "wake";
        assert.deepEqual([...lot], model);
        assert.deepEqual([lot.length, lot.first], [model.length, model.find(({ ready }) => ready)]);
      }
    }),
    { numRuns: 300 },
  );
});
