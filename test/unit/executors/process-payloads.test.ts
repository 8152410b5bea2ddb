// Payloads of processes, with real children: long bytes that go beside the pipe, children that are killed while they write, and the
// answers of tiny tasks when the next one takes its process down.
import assert from "node:assert/strict";
import { fstatSync, readdirSync, readlinkSync } from "node:fs";
import { after, test } from "node:test";
import { openProcesses, openThreads, type Task, WorkerLostError } from "brigade";
import * as work from "./payload-work.ts";

const posix = process.platform !== "win32";
const linux = process.platform === "linux";
const mebibyte = 2 ** 20;
const lengths = [0, 1, 16_383, 16_384, 65_535, 65_536, 65_537, 200_000, 3 * mebibyte + 5] as const;

const pool = openProcesses({ size: 2 });
after(() => pool.close());

const patterned = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 7 + seed) & 255);

test("bytes of any length come back as they went, as ordinary memory", async () => {
  for (const length of lengths) {
    const bytes = patterned(length, length);
    const back = (await pool.run(work.echo, bytes)) as Uint8Array<ArrayBuffer>;
    assert.deepEqual(back, bytes, `${length} bytes`);
    assert.equal(back.buffer.byteLength, length);
    assert.equal(structuredClone(back.buffer, { transfer: [back.buffer] }).byteLength, length);
    assert.equal(back.buffer.byteLength, 0, "it can be moved on");
  }
});

test("views share their buffer on the other side, and buffers, floats and nested values keep their kind", async () => {
  const buffer = patterned(200_000, 1).buffer as ArrayBuffer;
  const value = { a: new Float64Array(buffer), b: new DataView(buffer, 8, 16), c: [Buffer.from(patterned(100_000, 2)), buffer], d: "text" };
  const back = (await pool.run(work.echo, value)) as typeof value;
  assert.deepEqual(back, value);
  assert.equal(back.a.buffer, back.b.buffer);
  assert.equal(back.a.buffer, back.c[1]);
  assert.ok(Buffer.isBuffer(back.c[0]));
});

test("what is changed after the call or after the return has been copied before", async () => {
  const bytes = patterned(mebibyte, 3);
  const tasks = Array.from({ length: 6 }, () => pool.run(work.spoil, bytes));
  bytes.fill(0);
  for (const task of tasks) assert.deepEqual(await task, patterned(mebibyte, 3));
});

test("moved bytes are gone here and arrive there, and the other way round", async () => {
  for (const length of [1_000, mebibyte]) {
    const bytes = new Uint8Array(length).fill(9);
    const back = await pool.with({ transfer: [bytes.buffer] }).run(work.moved, bytes);
    assert.deepEqual([bytes.byteLength, back.byteLength, back[length - 1]], [0, length, 9]);
  }
});

test("progress and items bring long bytes along", async () => {
  const sent = [10, 70_000, 20_000, mebibyte, 5];
  const task = pool.run(work.reporting, sent);
  const reports: unknown[] = [];
  for await (const report of task.progress) reports.push(report);
  await task;
  const items: unknown[] = [];
  for await (const item of pool.stream(work.yielding, sent)) items.push(item);
  const expected = sent.map((length) => new Uint8Array(length).fill(length & 255));
  // A report that nobody has read yet gives way to the next.
  assert.deepEqual(reports.at(-1), expected.at(-1));
  assert.deepEqual(items, expected);
});

test("long bytes go on from a process to a process, and from threads", async () => {
  const bytes = patterned(mebibyte, 4);
  assert.deepEqual(await pool.run(work.echoBelow, bytes), bytes);
  const threads = openThreads({ size: 1 });
  try {
    assert.deepEqual(await threads.run(work.echoBelow, bytes), bytes);
  } finally {
    await threads.close();
  }
});

test("under the permission model they travel too", { skip: posix ? false : "links need rights" }, async () => {
  const here = new URL("../../../", import.meta.url).pathname;
  const modules = new URL("../../../../", import.meta.url).pathname;
  const contained = openProcesses({ size: 1, permissions: { read: [here, modules] } });
  try {
    const bytes = patterned(mebibyte, 5);
    assert.deepEqual(await contained.run(work.echo, bytes), bytes);
  } finally {
    await contained.close();
  }
});

test("a child that names bytes where there are none ends alone, with the reason", { skip: linux ? false : "Linux" }, async () => {
  const quiet = openProcesses({ size: 2, stdio: "ignore" });
  try {
    for (const [place, length] of [
      [2 ** 50, 1_000],
      [-1, 10],
      [0, 2 ** 30],
    ] as const) {
      const beside = quiet.run(work.echo, patterned(mebibyte, 6));
      const outcome = await outcomeOf(quiet.run(work.lie, place, length));
      assert.equal(outcome.state, "failed");
      assert.ok(outcome.error instanceof WorkerLostError, String(outcome.error));
      assert.match(String(outcome.error.cause ?? outcome.error.message), /Not a frame/);
      assert.deepEqual(await beside, patterned(mebibyte, 6));
    }
  } finally {
    await quiet.close();
  }
});

/** How a task ended. */
async function outcomeOf(task: Task<unknown>): Promise<{ readonly state: string; readonly value?: unknown; readonly error?: unknown }> {
  try {
    return { state: "succeeded", value: await task };
  } catch (error) {
    return { state: "failed", error };
  }
}

/** Descriptors of files without a name that brigade has open here, and the memory in them. */
function files(): { readonly count: number; readonly bytes: number } {
  let [count, bytes] = [0, 0];
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      if (!readlinkSync(`/proc/self/fd/${fd}`).includes("/brigade-")) continue;
      count++;
      bytes += fstatSync(Number(fd)).blocks * 512;
    } catch {
      // The descriptor of this very listing.
    }
  }
  return { count, bytes };
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!holds()) {
    assert.ok(performance.now() < end, `${what}, still after 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("children that are killed while long bytes are under way lose their own tasks only, and leave nothing behind", {
  skip: linux ? false : "counts descriptors in /proc",
}, async () => {
  const before = files();
  const deadly = openProcesses({ size: 2, stdio: "ignore" });
  let seed = 12_345;
  const dice = (sides: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed % sides;
  };
  let [arrived, lost] = [0, 0];
  try {
    for (let round = 0; round < 12; round++) {
      const tasks: [Task<unknown>, Uint8Array][] = Array.from({ length: 8 }, () => {
        const bytes = patterned(dice(mebibyte), dice(255));
        return [deadly.run(work.echo, bytes), bytes];
      });
      const workers = deadly.statistics().perWorker;
      await new Promise((resolve) => setTimeout(resolve, dice(12)));
      const pid = workers[dice(Math.max(1, workers.length))]?.id;
      try {
        if (pid !== undefined) process.kill(pid, "SIGKILL");
      } catch {
        // Gone since the round before.
      }
      // All at once: one that is lost before it is waited for would be nobody's.
      const outcomes = await Promise.all(tasks.map(async ([task, bytes]) => [await outcomeOf(task), bytes] as const));
      for (const [outcome, bytes] of outcomes) {
        if (outcome.state === "succeeded") {
          arrived++;
          assert.deepEqual(outcome.value, bytes);
        } else {
          lost++;
          assert.ok(outcome.error instanceof WorkerLostError, String(outcome.error));
        }
      }
    }
    assert.equal(arrived + lost, 96);
    assert.ok(arrived > 48, `${arrived} arrived`);
    await deadly.run(work.echo, patterned(mebibyte, 1));
    const idle = 4 * 64 * 1024;
    await eventually("idle files hold memory", () => files().bytes <= before.bytes + idle);
  } finally {
    await deadly.close();
  }
  await eventually("files are open", () => files().count <= before.count);
});

test("answers of tiny tasks outlive the process that the next task takes down", { skip: posix ? false : "SIGKILL" }, async () => {
  const deadly = openProcesses({ size: 1, stdio: "ignore" });
  try {
    // It knows then that they are tiny, and has them sent ahead.
    await Promise.all(Array.from({ length: 500 }, (_, index) => deadly.run(work.echo, index)));
    for (let round = 0; round < 5; round++) {
      const tasks = Array.from({ length: 300 }, (_, index) =>
        index === 200 ? deadly.run(work.kill) : deadly.run(work.echo, `${index} of ${round}`),
      );
      for (const [index, outcome] of (await Promise.all(tasks.map(outcomeOf))).entries()) {
        if (index === 200) assert.ok(outcome.error instanceof WorkerLostError);
        else assert.deepEqual([outcome.state, outcome.value], ["succeeded", `${index} of ${round}`], String(outcome.error));
      }
    }
  } finally {
    await deadly.close();
  }
});

test("a task that spins holds back no answer for long", { skip: linux ? false : "sends ahead" }, async () => {
  const alone = openProcesses({ size: 1 });
  try {
    await Promise.all(Array.from({ length: 500 }, (_, index) => alone.run(work.echo, index)));
    const order: unknown[] = [];
    const tasks = Array.from({ length: 50 }, (_, index) => alone.run(work.echo, index).then((value) => order.push(value)));
    const spinning = alone.run(work.spin, 3_000).then((value) => order.push(value));
    await Promise.all(tasks);
    assert.equal(order.length, 50, "before the spinning one has ended");
    // And none of them twice, when the pipe brings them again.
    await spinning;
    assert.deepEqual(order, [...Array.from({ length: 50 }, (_, index) => index), "spun"]);
    assert.equal(alone.statistics().succeeded, 551);
  } finally {
    await alone.close();
  }
});
