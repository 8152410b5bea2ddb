// A pipe with both ends in this process: a channel in everything but where its buffer is.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  after,
  BrokenChannelError,
  Channel,
  ChannelClosedError,
  coroutines,
  NotSerializableError,
  type Sender,
  select,
  TimeoutError,
  UnsupportedError,
} from "brigade";
import { openPipe, type Pipe } from "brigade/unstable/ipc";
import { eventually, here, ofPipes } from "./support.ts";

/** Another writer on the only pipe that is open, for what no end of brigade would write. */
function strangerOn(): number {
  const fd = readdirSync("/proc/self/fd").find((name) => {
    try {
      return /brigade-pipe-.*\/pipe/.test(readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      return false;
    }
  });
  return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
}

/** Sends until it would have to wait; how many were taken. */
function fill(sender: Sender<string>, value: string): number {
  let sent = 0;
  while (sender.trySend(value)) sent++;
  return sent;
}

/** A program of its own, which has to end by itself. */
function run(code: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const args = ["--input-type=module", "-e", code];
    execFile(process.execPath, args, { cwd: import.meta.dirname, timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({ stdout: error === null ? stdout : "", stderr: `${error?.message ?? ""} ${stderr}` }),
    );
  });
}

async function drain<T>(pipe: Pipe<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const value of pipe.receiver) got.push(value);
  return got;
}

test("elsewhere it says what can be used instead", { skip: here }, async () => {
  await assert.rejects(openPipe(), UnsupportedError);
});

describe("a pipe in one process", { skip: !here }, () => {
  test("leaves nothing behind, in the file system or open", async () => {
    const before = ofPipes();
    const pipe = await openPipe();
    await pipe.sender.send(1);
    assert.equal(await pipe.receiver.receive(), 1);
    assert.ok(ofPipes() > before);
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith("brigade-pipe-")),
      [],
    );
    pipe.close();
    pipe.close();
    assert.ok(await eventually(() => ofPipes() === before));
    const unused = await openPipe();
    unused.close();
    assert.ok(await eventually(() => ofPipes() === before));
  });

  test("values come out as they went in, until it is closed", async () => {
    using pipe = await openPipe<unknown>({ name: "things" });
    const values = [1, undefined, "two", { three: new Map([[3, new Date(3)]]) }, new Uint8Array(200_000).fill(7), null];
    const sending = coroutines.run(async () => {
      for (const value of values) await pipe.sender.send(value);
      pipe.sender.close();
    });
    assert.deepEqual(await drain(pipe), values);
    await sending;
    assert.equal(await pipe.receiver.receive(), undefined);
    await assert.rejects(pipe.sender.send(1), (error: ChannelClosedError) => error instanceof ChannelClosedError && error.value === 1);
  });

  test("the error of close arrives after the values", async () => {
    using pipe = await openPipe<number>();
    await pipe.sender.send(1);
    pipe.sender.close(new RangeError("enough"));
    assert.equal(await pipe.receiver.receive(), 1);
    await assert.rejects(pipe.receiver.receive(), (error: Error) => error instanceof RangeError && error.message === "enough");
  });

  test("a sender without a reader uses what the system gives, and waits", async () => {
    using pipe = await openPipe<string>();
    const kilobyte = "x".repeat(1_000);
    const sent = fill(pipe.sender, kilobyte);
    // 64 KB in the system, and one frame that waits here.
    assert.ok(sent >= 16 && sent <= 70, `${sent}`);
    const waiting = pipe.sender.send(kilobyte);
    await assert.rejects(pipe.sender.send("late", { timeout: 20 }), TimeoutError);
    assert.equal(await pipe.receiver.receive(), kilobyte);
    await Promise.all([waiting, ...Array.from({ length: sent }, () => pipe.receiver.receive())]);
    assert.equal(pipe.receiver.tryReceive(), undefined);
  });

  test("a cancelled send has not happened, and what was begun is whole", async () => {
    using pipe = await openPipe<string>();
    const long = "y".repeat(500_000);
    assert.equal(pipe.sender.trySend(long), true);
    const changesItsMind = new AbortController();
    const cancelled = pipe.sender.send("never", { signal: changesItsMind.signal });
    const kept = pipe.sender.send("kept");
    changesItsMind.abort();
    await assert.rejects(cancelled);
    assert.equal(await pipe.receiver.receive(), long);
    await kept;
    pipe.sender.close();
    assert.deepEqual(await drain(pipe), ["kept"]);
  });

  test("a cancelled receive takes nothing", async () => {
    using pipe = await openPipe<number>();
    await assert.rejects(pipe.receiver.receive({ timeout: 10 }), TimeoutError);
    await pipe.sender.send(1);
    assert.equal(await pipe.receiver.receive(), 1);
  });

  test("a place that is reserved is kept", async () => {
    using pipe = await openPipe<number>();
    const permit = await pipe.sender.reserve();
    assert.equal(pipe.sender.trySend(2), false);
    const second = pipe.sender.send(2);
    permit.send(1);
    await second;
    assert.deepEqual([await pipe.receiver.receive(), await pipe.receiver.receive()], [1, 2]);
    const given = await pipe.sender.reserve();
    given[Symbol.dispose]();
    assert.equal(pipe.sender.trySend(3), true);
  });

  test("what cannot travel is refused, and the pipe goes on", async () => {
    using pipe = await openPipe<unknown>();
    const refused = (error: NotSerializableError) => error instanceof NotSerializableError && error.path === "message.f";
    await assert.rejects(pipe.sender.send({ f: () => 0 }), refused);
    assert.throws(() => pipe.sender.trySend({ f: () => 0 }), refused);
    // And where it is found out by somebody else's serving.
    pipe.sender.trySend("z".repeat(500_000));
    const late = [pipe.sender.send({ f: () => 0 }), pipe.sender.send("after")];
    const verdict = assert.rejects(late[0] as Promise<void>, refused);
    await pipe.receiver.receive();
    await verdict;
    assert.equal(await pipe.receiver.receive(), "after");
    // A permit is spent by it, and the place is free.
    const permit = await pipe.sender.reserve();
    assert.throws(() => permit.send({ f: () => 0 }), refused);
    assert.equal(pipe.sender.trySend("free"), true);
  });

  test("a value beyond the bound is refused, and the pipe goes on", async () => {
    using pipe = await openPipe<string>({ maxValueBytes: 1_000, name: "narrow" });
    await assert.rejects(pipe.sender.send("w".repeat(2_000)), /2\d\d\d bytes is too long for the pipe "narrow", which takes 1000/);
    await pipe.sender.send("w".repeat(900));
    assert.equal((await pipe.receiver.receive())?.length, 900);
    await assert.rejects(openPipe({ maxValueBytes: 0 }), RangeError);
  });

  test("closing sends those away who wait to send, and what was begun arrives", async () => {
    using pipe = await openPipe<string>();
    const long = "v".repeat(300_000);
    pipe.sender.trySend(long);
    const waiting = pipe.sender.send("too late");
    const refused = assert.rejects(
      waiting,
      (error: ChannelClosedError) => error instanceof ChannelClosedError && error.value === "too late",
    );
    pipe.sender.close();
    await refused;
    assert.deepEqual(await drain(pipe), [long]);
  });

  test("when the receiver closes, whoever waits to send gets the value back", async () => {
    using pipe = await openPipe<string>();
    fill(pipe.sender, "u".repeat(1_000));
    const waiting = pipe.sender.send("lost?");
    const broken = assert.rejects(waiting, (error: BrokenChannelError) => error instanceof BrokenChannelError && error.value === "lost?");
    pipe.receiver.close();
    await broken;
    assert.throws(() => pipe.sender.trySend("more"), BrokenChannelError);
    pipe.sender.close();
  });

  test("a send to a pipe that nobody reads rejects at once", async () => {
    using pipe = await openPipe<number>();
    pipe.receiver.close();
    await assert.rejects(pipe.sender.send(1), (error: BrokenChannelError) => error instanceof BrokenChannelError && error.value === 1);
    assert.equal(await pipe.receiver.receive(), undefined);
  });

  test("select takes one of a pipe and a channel", async () => {
    using pipe = await openPipe<number>();
    const channel = new Channel<number>();
    const first = select({ pipe: pipe.receiver.receiving(), channel: channel.receiving(), late: after(20_000) });
    await pipe.sender.send(1);
    assert.deepEqual(await first, { key: "pipe", value: 1 });
    const second = select({ pipe: pipe.receiver.receiving(), channel: channel.receiving() });
    await channel.send(2);
    assert.deepEqual(await second, { key: "channel", value: 2 });
    // The case that was not chosen has taken nothing.
    await pipe.sender.send(3);
    assert.equal(await pipe.receiver.receive(), 3);
    const sent = await select({ sent: pipe.sender.sending(4), channel: channel.receiving() });
    assert.equal(sent.key, "sent");
    assert.equal(await pipe.receiver.receive(), 4);
  });

  test("a select that waits for room sends when there is some, or not at all", async () => {
    using pipe = await openPipe<string>();
    const sent = fill(pipe.sender, "t".repeat(1_000));
    const stop = new Channel<string>(1);
    const gaveUp = select({ sent: pipe.sender.sending("never"), stop: stop.receiving() });
    await stop.send("now");
    assert.equal((await gaveUp).key, "stop");
    const waits = select({ sent: pipe.sender.sending("at last"), stop: stop.receiving() });
    for (let n = 0; n < sent; n++) assert.equal((await pipe.receiver.receive())?.length, 1_000);
    assert.equal((await waits).key, "sent");
    assert.equal(await pipe.receiver.receive(), "at last");
  });

  test("blocking forms are refused by name", async () => {
    using pipe = await openPipe<number>({ name: "p" });
    assert.throws(() => pipe.sender.sendSync(1), /sendSync does not wait for the pipe "p"/);
    assert.throws(() => pipe.receiver.receiveSync(), /receiveSync does not wait for the pipe "p"/);
  });

  test("garbage breaks it, after what came before", async () => {
    using pipe = await openPipe<number>({ name: "g" });
    const stranger = strangerOn();
    await pipe.sender.send(1);
    writeSync(stranger, Buffer.from([2, 0, 0, 0, 99, 0]));
    closeSync(stranger);
    assert.equal(await pipe.receiver.receive(), 1);
    await assert.rejects(
      pipe.receiver.receive(),
      (error: Error) => error instanceof BrokenChannelError && /what came is nothing/.test(error.message),
    );
    await assert.rejects(pipe.sender.send(2), BrokenChannelError);
  });

  test("a value that cannot be decoded is garbage, too", async () => {
    using pipe = await openPipe<number>();
    const stranger = strangerOn();
    writeSync(stranger, Buffer.from([4, 0, 0, 0, 1, 9, 9, 9]));
    closeSync(stranger);
    await assert.rejects(
      pipe.receiver.receive(),
      (error: Error) => error instanceof BrokenChannelError && error.cause instanceof NotSerializableError,
    );
  });

  test("a length beyond the bound is garbage, before a byte of it has come", async () => {
    using pipe = await openPipe<number>({ maxValueBytes: 100 });
    const stranger = strangerOn();
    writeSync(stranger, Buffer.from([0xff, 0xff, 0xff, 0x7f, 1]));
    closeSync(stranger);
    await assert.rejects(
      pipe.receiver.receive(),
      (error: Error) => error instanceof BrokenChannelError && /100 are allowed/.test((error.cause as Error).message),
    );
  });

  test("who waits keeps the program alive, an end does not", async () => {
    const programs = {
      "an idle pipe": "",
      "one that has been used": "await pipe.sender.send(1); await pipe.receiver.receive();",
      "a wait that was given up": "await pipe.receiver.receive({ timeout: 5 }).catch(() => 0);",
      "a case that was not chosen": "await select({ pipe: pipe.receiver.receiving(), late: after(5) });",
      "a Select between rounds": "const again = new Select({ pipe: pipe.receiver.receiving(), late: after(5) }); await again.next();",
    };
    for (const [what, code] of Object.entries(programs)) {
      const imports = 'import { after, Select, select } from "brigade"; import { openPipe } from "brigade/unstable/ipc";';
      const program = `${imports} const pipe = await openPipe(); ${code} console.log("done"); process.on("exit", () => pipe);`;
      const { stdout, stderr } = await run(program);
      assert.equal(stdout, "done\n", `${what}: ${stderr}`);
    }
    const waiting = 'import { openPipe } from "brigade/unstable/ipc"; const pipe = await openPipe();';
    const held = `${waiting} setTimeout(() => pipe.sender.trySend("late"), 50).unref(); console.log(await pipe.receiver.receive());`;
    assert.equal((await run(held)).stdout, "late\n");
  });

  test("ends that are dropped are closed", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    assert.ok(await eventually(() => ofPipes() === 0));
    const dropOne = async (): Promise<void> => {
      const pipe = await openPipe<number>();
      await pipe.sender.send(1);
      await pipe.receiver.receive();
    };
    const keepReceiver = async () => (await openPipe<number>()).receiver;
    for (let n = 0; n < 4; n++) await dropOne();
    const receiver = await keepReceiver();
    const isGone = await eventually(() => {
      collect();
      return ofPipes() <= 2;
    });
    assert.ok(isGone, `${ofPipes()} are left`);
    // Dropped is not closed: whoever waits is told.
    await assert.rejects(receiver.receive(), /ended without being closed/);
    receiver.close();
    assert.ok(await eventually(() => ofPipes() === 0));
  });
});
