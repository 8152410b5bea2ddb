// Pipes between processes and threads: siblings talk without this program, and whoever dies is missed.
import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BrokenChannelError, type Executor, NotSerializableError, openProcesses, openThreads, WorkerLostError } from "brigade";
import { openPipe } from "brigade/unstable/ipc";
import { type EndPlace, takeEnd } from "../../../src/ipc/pipe-end.ts";
import { registeredByPrototype } from "../../../src/wire/classes.ts";
import { eventually, here, ofPipes } from "./support.ts";
import * as tasks from "./tasks.ts";

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

/** What travels of an end. */
const placeOf = (end: object): object => registeredByPrototype(Object.getPrototypeOf(end))?.encode?.(end) as object;

describe("pipes between processes", { skip: !here }, () => {
  let pool: Executor & AsyncDisposable;
  before(() => {
    pool = openProcesses({ size: 2 });
  });
  after(() => pool[Symbol.asyncDispose]());

  test("from a child, and to it", async () => {
    using there = await openPipe<number>();
    using back = await openPipe<number>();
    const relaying = pool.run(tasks.relay, there.receiver, back.sender);
    const sending = (async () => {
      for (const n of upTo(2_000)) await there.sender.send(n);
      there.sender.close();
    })();
    const got: number[] = [];
    for await (const n of back.receiver) got.push(n);
    assert.deepEqual(got, upTo(2_000));
    assert.notEqual(await relaying, process.pid);
    await sending;
  });

  test("between siblings, while nothing of it is open here", async () => {
    const open = ofPipes();
    const first = await openPipe<number>();
    const last = await openPipe<number>();
    const counting = pool.run(tasks.count, first.sender, 5_000);
    const relaying = pool.run(tasks.relay, first.receiver, last.sender);
    // What is left is the end that is read here, and its ticket.
    assert.ok(await eventually(() => ofPipes() <= open + 2), `${ofPipes() - open}`);
    const got: number[] = [];
    for await (const n of last.receiver) got.push(n);
    assert.deepEqual(got, upTo(5_000));
    assert.notEqual(await counting, await relaying);
    assert.ok(await eventually(() => ofPipes() === open));
  });

  test("the error of close arrives as what it is", async () => {
    using pipe = await openPipe<number>();
    const failing = pool.run(tasks.failAfter, pipe.sender, 2);
    assert.equal(await pipe.receiver.receive(), 0);
    assert.equal(await pipe.receiver.receive(), 1);
    await assert.rejects(pipe.receiver.receive(), (error: Error) => error instanceof RangeError && error.message === "the well is dry");
    await failing;
  });

  test("an end that is given away is used there and nowhere else", async () => {
    using pipe = await openPipe<number>();
    const counting = pool.run(tasks.count, pipe.sender, 3);
    await eventually(() => ofPipes() > 0);
    await counting;
    await assert.rejects(pipe.sender.send(9), /was given away: use it where it has arrived/);
    await assert.rejects(pool.run(tasks.count, pipe.sender, 3), (error: NotSerializableError) => {
      return error instanceof NotSerializableError && error.path === "arguments[0]" && /is closed|given away already/.test(error.message);
    });
    assert.equal(await pipe.receiver.receive(), 0);
    await assert.rejects(pool.run(tasks.take, pipe.receiver), (error: NotSerializableError) => {
      return error instanceof NotSerializableError && /in use here: give it away before the first value/.test(error.message);
    });
    pipe.receiver.close();
  });

  test("an end can come back", async () => {
    using pipe = await openPipe<number>();
    const back = await pool.run(tasks.giveBack, pipe.sender);
    await back.send(5);
    assert.equal(await pipe.receiver.receive(), 5);
    back.close();
    assert.equal(await pipe.receiver.receive(), undefined);
  });

  test("to a thread, and from it to a process", async () => {
    await using threads = openThreads({ size: 1 });
    const open = ofPipes();
    const first = await openPipe<number>();
    const last = await openPipe<number>();
    const counting = pool.run(tasks.count, first.sender, 2_000);
    const relaying = threads.run(tasks.relay, first.receiver, last.sender);
    const got: number[] = [];
    for await (const n of last.receiver) got.push(n);
    assert.deepEqual(got, upTo(2_000));
    await Promise.all([counting, relaying]);
    assert.ok(await eventually(() => ofPipes() === open));
  });

  test("a child that is killed is missed by whoever receives", async () => {
    using pipe = await openPipe<unknown>();
    const dying = assert.rejects(pool.run(tasks.dieSending, pipe.sender, [1, 2]), WorkerLostError);
    assert.equal(await pipe.receiver.receive(), 1);
    assert.equal(await pipe.receiver.receive(), 2);
    await assert.rejects(
      pipe.receiver.receive(),
      (error: Error) => error instanceof BrokenChannelError && /ended without being closed/.test(error.message),
    );
    await dying;
  });

  test("a value that was cut off by a death does not arrive", async () => {
    using pipe = await openPipe<Uint8Array>();
    const dying = assert.rejects(pool.run(tasks.dieMidway, pipe.sender, 1_000_000), WorkerLostError);
    await assert.rejects(
      pipe.receiver.receive(),
      (error: Error) => error instanceof BrokenChannelError && /ended in the middle of a value/.test(error.message),
    );
    await dying;
  });

  test("a child that is killed is missed by whoever sends", async () => {
    using pipe = await openPipe<number>();
    const dying = assert.rejects(pool.run(tasks.dieReceiving, pipe.receiver), WorkerLostError);
    const endless = (async () => {
      for (let n = 0; ; n++) await pipe.sender.send(n);
    })();
    await assert.rejects(endless, BrokenChannelError);
    await dying;
  });

  test("an end that its task has forgotten is no end of the values", async () => {
    await using alone = openProcesses({ size: 1 });
    using pipe = await openPipe<number>();
    await alone.run(tasks.leaveOpen, pipe.sender);
    assert.equal(await pipe.receiver.receive(), 1);
    await alone.close();
    await assert.rejects(pipe.receiver.receive(), /ended without being closed/);
  });

  test("a child that dies before it has taken an end leaves it here, to be closed", async () => {
    const open = ofPipes();
    for (let round = 0; round < 3; round++) {
      const pipe = await openPipe<number>();
      await assert.rejects(pool.run(tasks.take, new tasks.Poison(), pipe.sender), WorkerLostError);
      assert.equal(ofPipes(), open + 4);
      pipe.close();
      assert.equal(ofPipes(), open);
    }
  });

  test("an end that was closed before its task began is not to be had", async () => {
    await using busy = openProcesses({ size: 1 });
    using other = await openPipe<number>();
    const holding = busy.run(tasks.relay, other.receiver, (await openPipe<number>()).sender);
    const pipe = await openPipe<number>();
    const late = busy.run(tasks.count, pipe.sender, 1);
    const refused = assert.rejects(late, (error: Error) =>
      /is not to be had/.test(`${error.message} ${(error.cause as Error | undefined)?.message}`),
    );
    await other.sender.send(1);
    pipe.close();
    other.sender.close();
    await holding.catch(() => undefined);
    await refused;
  });

  test("nothing but a ticket is written to, whatever is named as one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "brigade-ticket-test-"));
    const file = openSync(join(folder, "mine"), "w+");
    writeSync(file, "--");
    for (const change of [{ ticket: file }, { descriptor: file }, { descriptor: -1 }, { pid: "1/../self" }]) {
      const fresh = await openPipe<number>();
      const forged = { ...placeOf(fresh.sender), ...change } as unknown as EndPlace;
      assert.throws(() => takeEnd("sends", forged), /not to be had|no end of a pipe/);
      fresh.close();
    }
    assert.equal(readFileSync(join(folder, "mine"), "latin1"), "--");
    closeSync(file);
    rmSync(folder, { recursive: true });
  });

  test("a task that was given a sender to a pipe that nobody reads is told so", async () => {
    const pipe = await openPipe<number>();
    pipe.receiver.close();
    await assert.rejects(pool.run(tasks.count, pipe.sender, 1), BrokenChannelError);
    pipe.close();
  });

  test("nothing is left open in the children", async () => {
    const left = await Promise.all([pool.run(tasks.pipesOpen), pool.run(tasks.pipesOpen)]);
    assert.ok(
      left.every((open) => open <= 4),
      left.join(),
    );
  });
});
