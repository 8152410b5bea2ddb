// Signals among the arguments: an abort arrives whenever it comes, be the task waiting, sent, or its module still loading.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError } from "../../../src/contract/errors.ts";
import type { AbortFrame } from "../../../src/executors/pool/frames.ts";
import { decodeFailure, decodeValue, encodeValue, SignalRelay, signalNumber } from "../../../src/executors/pool/passage.ts";
import type { FakeWorker } from "./fake-links.ts";
import { onStage } from "./fake-links.ts";
import { work } from "./work.ts";

const aborts = (worker: FakeWorker): AbortFrame[] => worker.sent.filter((frame): frame is AbortFrame => frame.type === "abort");

test("a signal that is aborted while its task waits is told right after the task", () =>
  onStage({}, async ({ pool, worker, settle }) => {
    const controller = new AbortController();
    void pool.run(work, 1);
    void pool.run(work, controller.signal);
    await settle();
    worker(0).ready().started();
    controller.abort(new CancelledError("while it waited"));
    worker(0).succeeds();
    await settle();
    const types = worker(0).sent.map(({ type }) => type);
    assert.deepEqual(types, ["run", "run", "abort"]);
    assert.deepEqual(worker(0).runs[1]?.signals, [signalNumber(controller.signal)]);
    assert.equal((decodeFailure(aborts(worker(0))[0]?.payload as never) as Error).message, "while it waited");
  }));

test("a signal is told once to each worker that has a task with it, and not after the task's end", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    const controller = new AbortController();
    void pool.run(work, controller.signal);
    void pool.run(work, controller.signal);
    await settle();
    worker(0).ready().started().succeeds();
    worker(1).ready().started();
    controller.abort();
    assert.deepEqual([aborts(worker(0)).length, aborts(worker(1)).length], [0, 1]);
  }));

test("a task that moves takes the abort that came meanwhile along", () =>
  onStage({ size: 2 }, async ({ pool, worker, settle }) => {
    const controller = new AbortController();
    void pool.run(work, controller.signal);
    await settle();
    controller.abort();
    worker(0).ready().dies();
    await settle();
    assert.equal(aborts(worker(1)).length, 1);
  }));

test("relay: an abort between the frame and the decoding is not missed, by any of the calls", () => {
  const relay = new SignalRelay();
  const controller = new AbortController();
  const { payload } = encodeValue([controller.signal], "arguments", true);
  const number = signalNumber(controller.signal);
  const decoded = (): AbortSignal => (decodeValue(payload, relay) as [AbortSignal])[0];
  relay.hold([number]);
  relay.hold([number]);
  relay.abort(number, new CancelledError("early"));
  for (let call = 0; call < 2; call++) {
    assert.equal(decoded().aborted, true);
    assert.equal((decoded().reason as Error).message, "early");
    relay.release([number]);
  }
  relay.hold([number]);
  const signal = decoded();
  assert.equal(signal.aborted, false, "what both have let go of is forgotten");
  assert.equal(decoded(), signal, "one signal for one handle");
  relay.abort(number, new CancelledError("later"));
  assert.equal(signal.aborted, true);
  relay.release([number]);
});

test("relay: a signal that nobody holds, as in a result, can still be aborted", () => {
  const relay = new SignalRelay();
  const controller = new AbortController();
  const { payload } = encodeValue(controller.signal, "result", true);
  const signal = decodeValue(payload, relay) as AbortSignal;
  relay.abort(signalNumber(controller.signal), new CancelledError("now"));
  assert.equal(signal.aborted, true);
  const dead = encodeValue(AbortSignal.abort(), "result", true).payload;
  assert.equal((decodeValue(dead, relay) as AbortSignal).aborted, true);
});
