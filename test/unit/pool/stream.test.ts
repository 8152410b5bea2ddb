// Streams on the near side, over workers that the test plays: what is sent when, and what becomes of items, credit and readers whatever
// comes between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CancelledError, NotSerializableError, WorkerLostError } from "../../../src/contract/errors.ts";
import { currentScope, runInScope } from "../../../src/core/context.ts";
import { CancelScope } from "../../../src/core/scope.ts";
import type { CreditFrame, ItemsFrame } from "../../../src/executors/pool/frames.ts";
import { encodeValue, setExecutorDirectory } from "../../../src/executors/pool/passage.ts";
import { BatchOutlet } from "../../../src/executors/pool/stream/outlet.ts";
import { copiedBytes } from "../../../src/wire/transfer.ts";
import { type FakeWorker, onStage, type Stage } from "./fake-links.ts";
import { counts } from "./stream-work.ts";

/** The frames in which a worker would send these items. */
function framesOf(id: number, items: readonly unknown[], wanting = false): ItemsFrame[] {
  const frames: ItemsFrame[] = [];
  const outlet = new BatchOutlet({ sharesMemory: true, send: (frame) => frames.push(frame as ItemsFrame) }, id);
  for (const item of items) outlet.put(item);
  outlet.flush(wanting);
  return frames;
}

function yields(worker: FakeWorker, items: readonly unknown[], wanting = false, id = worker.lastId): void {
  for (const frame of framesOf(id, items, wanting)) worker.says(frame);
}

const creditsTo = (worker: FakeWorker): number[] =>
  worker.sent.filter((frame): frame is CreditFrame => frame.type === "credit").map(({ items }) => items);

/** A stream whose first read waits and whose generator has been entered. */
async function begun({ pool, worker, settle }: Stage) {
  const iterator = pool.stream(counts, 3)[Symbol.asyncIterator]();
  const first = iterator.next();
  await settle();
  return { iterator, first, far: worker(0).ready().started() };
}

const told = (read: Promise<unknown>): Promise<string> =>
  read.then(
    (step) => JSON.stringify(step),
    (error: Error) => `${error.name}: ${error.message}`,
  );
const item = (value: unknown): string => JSON.stringify({ done: false, value });
const over = JSON.stringify({ done: true });

test("nothing is sent, counted or held before the first read", () =>
  onStage({}, async ({ pool, workers, settle, statistics }) => {
    const stream = pool.stream(counts, 3);
    await settle();
    const iterator = stream[Symbol.asyncIterator]();
    await settle();
    assert.equal(workers.length, 0);
    await iterator.return?.();
    assert.equal(await told(iterator.next()), over);
    await settle();
    assert.deepEqual([workers.length, statistics().cancelled], [0, 0]);
  }));

test("the run brings the first credit; half a window that was read is given back", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    assert.deepEqual(far.runs[0]?.stream, { items: 16, bytes: 1024 * 1024 });
    yields(far, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(await told(first), item(1));
    for (let n = 2; n <= 7; n++) assert.equal(await told(iterator.next()), item(n));
    assert.deepEqual(creditsTo(far), []);
    assert.equal(await told(iterator.next()), item(8));
    assert.deepEqual(creditsTo(far), [8]);
  }));

test("bytes are given back when half of their window was read, however few the items", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    const large = new Uint8Array(300_000);
    yields(far, [large, large]);
    await first;
    assert.deepEqual(creditsTo(far), []);
    await iterator.next();
    const credits = far.sent.filter((frame): frame is CreditFrame => frame.type === "credit");
    const weight = copiedBytes(encodeValue(large, "item", true).payload);
    assert.deepEqual(credits, [{ type: "credit", id: far.lastId, items: 2, bytes: 2 * weight }]);
  }));

test("the window grows only while reader and generator wait for each other, and not beyond its limit", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    yields(far, [1]);
    await first;
    let read = told(iterator.next());
    assert.deepEqual(creditsTo(far), [], "the generator has credit: it is just not there yet");
    let granted = 16;
    let sent = 1;
    for (let round = 0; round < 12; round++) {
      const before = creditsTo(far).length;
      const items = new Array<number>(granted - sent).fill(round);
      sent += items.length;
      yields(far, items, true);
      await read;
      for (let left = items.length - 1; left > 0; left--) await iterator.next();
      read = told(iterator.next());
      granted += creditsTo(far)
        .slice(before)
        .reduce((sum, credit) => sum + credit, 0);
      assert.ok(granted - sent <= 1024, `${granted - sent} ahead`);
      assert.ok(granted > sent, "the generator may go on");
    }
    assert.equal(granted - sent, 1024, "it has grown");
    yields(far, [0]);
    await read;
  }));

test("a reader that leaves between item and credit: a cancel, no more credit, and the end is waited for", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    yields(far, [1, 2, 3, 4, 5, 6, 7, 8]);
    await first;
    const left = told(iterator.return?.() as Promise<unknown>);
    await stage.settle();
    assert.match(far.cancelError.message, /reader left/);
    yields(far, [9, 10], true);
    const late = told(iterator.next());
    let ended = false;
    void left.then(() => {
      ended = true;
    });
    await stage.settle();
    assert.deepEqual([ended, creditsTo(far)], [false, []]);
    far.yields();
    assert.deepEqual([await left, await late], [over, over]);
    assert.equal(stage.statistics().cancelled, 1);
  }));

test("what the generator throws at its end is told to the one who leaves", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    yields(far, [1]);
    await first;
    const left = told(iterator.return?.() as Promise<unknown>);
    await stage.settle();
    far.fails(new RangeError("while tidying"));
    assert.equal(await left, "RangeError: while tidying");
    assert.equal(await told(iterator.next()), over);
  }));

test("a result that was on its way when the cancel came counts: no item is missing", () =>
  onStage({}, async (stage) => {
    const controller = new AbortController();
    const iterator = stage.pool.with({ signal: controller.signal }).stream(counts, 3)[Symbol.asyncIterator]();
    const first = told(iterator.next());
    await stage.settle();
    const far = stage.worker(0).ready().started();
    yields(far, [1, 2, 3]);
    assert.equal(await first, item(1));
    controller.abort("too late");
    const second = told(iterator.next());
    await stage.settle();
    far.succeeds();
    assert.deepEqual([await second, await told(iterator.next()), await told(iterator.next())], [item(2), item(3), over]);
  }));

test("a cancelled stream hands out no more, and tells why when its generator is over", () =>
  onStage({}, async (stage) => {
    const controller = new AbortController();
    const iterator = stage.pool.with({ signal: controller.signal }).stream(counts, 3)[Symbol.asyncIterator]();
    const first = told(iterator.next());
    await stage.settle();
    const far = stage.worker(0).ready().started();
    yields(far, [1, 2, 3]);
    await first;
    controller.abort("enough");
    const reads = [told(iterator.next()), told(iterator.next())];
    await stage.settle();
    far.yields();
    assert.match((await reads[0]) ?? "", /AbortError: .*enough/);
    assert.equal(await reads[1], over);
  }));

test("a worker that dies: the items that came, then its loss, then the end", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    yields(far, [1, 2]);
    far.dies({ exitCode: 7 });
    assert.equal(await told(first), item(1));
    assert.equal(await told(iterator.next()), item(2));
    await assert.rejects(iterator.next(), (error) => error instanceof WorkerLostError && error.exitCode === 7);
    assert.equal(await told(iterator.next()), over);
  }));

test("a worker that dies after the reader left: the grace is over, and leaving succeeds", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    yields(far, [1]);
    await first;
    const left = told(iterator.return?.() as Promise<unknown>);
    await stage.clock.advance(2_000);
    assert.equal(far.kills, 1);
    far.dies({ signal: "SIGKILL", exitCode: null });
    assert.equal(await left, over);
  }));

test("a run that no worker has begun moves to another when its worker dies; one that has yielded does not", () =>
  onStage({}, async (stage) => {
    const iterator = stage.pool.with({ retry: 3 }).stream(counts, 3)[Symbol.asyncIterator]();
    const first = told(iterator.next());
    await stage.settle();
    stage.worker(0).ready().dies();
    await stage.settle();
    const far = stage.workers.at(-1) as FakeWorker;
    assert.notEqual(far, stage.worker(0));
    far.ready().started();
    yields(far, [1]);
    far.dies();
    assert.equal(await first, item(1));
    assert.match(await told(iterator.next()), /WorkerLostError/);
  }));

test("a reader that is cancelled ends the stream, and is told with its own error when the generator is over", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    yields(far, [1]);
    await first;
    const scope = new CancelScope(currentScope(), undefined);
    const read = runInScope(scope, () => iterator.next());
    const other = told(iterator.next());
    const cancel = new CancelledError("the reader");
    scope.cancelWith(cancel);
    await stage.settle();
    assert.equal(far.cancels.length, 1);
    far.yields();
    await assert.rejects(read, (error) => error === cancel);
    assert.equal(await other, over);
    scope.end();
  }));

test("items that are none are refused at the read, and end the stream", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    yields(far, [1]);
    await first;
    const bytes = new Uint8Array([200, 0, 0, 0, 1, 2]);
    far.says({ type: "items", id: far.lastId, packed: true, wanting: false, payload: { bytes } });
    const read = iterator.next();
    await stage.settle();
    assert.equal(far.cancels.length, 1);
    far.yields();
    await assert.rejects(read, NotSerializableError);
    assert.equal(await told(iterator.next()), over);
  }));

test("frames of a stream that is over, and credit for none, change nothing", () =>
  onStage({}, async (stage) => {
    const { iterator, first, far } = await begun(stage);
    yields(far, [1]);
    far.succeeds();
    await first;
    yields(far, [2]);
    far.says({ type: "credit", id: 99, items: 1, bytes: 1 });
    assert.equal(await told(iterator.next()), over);
  }));

test("a stream that a worker reads from another: items go on as they came, credit comes back, a cancel too", () =>
  onStage({ size: 2 }, async (stage) => {
    const { pool, worker, settle } = stage;
    setExecutorDirectory({ nameOf: () => "unnamed", find: () => pool as never });
    const task = pool.run(counts as never);
    await settle();
    const lost = assert.rejects(task, WorkerLostError);
    const parent = worker(0).ready().started().lastId;
    worker(0).submits(5, { parent, stream: { items: 4, bytes: 1_000 } }, 3);
    await settle();
    const far = worker(1).ready().started();
    assert.deepEqual(far.runs[0]?.stream, { items: 4, bytes: 1_000 });
    const frames = framesOf(far.lastId, [1, 2], true);
    for (const frame of frames) far.says(frame);
    assert.deepEqual(
      worker(0).sent.filter(({ type }) => type === "items"),
      frames.map((frame) => ({ ...frame, id: 5 })),
    );
    worker(0).says({ type: "credit", id: 5, items: 3, bytes: 30 });
    assert.deepEqual(far.sent.at(-1), { type: "credit", id: far.lastId, items: 3, bytes: 30 });
    worker(0).dies();
    await settle();
    assert.equal(far.cancels.length, 1, "its reader is gone");
    far.yields();
    worker(1).says({ type: "credit", id: 5, items: 1, bytes: 1 });
    await lost;
  }));
