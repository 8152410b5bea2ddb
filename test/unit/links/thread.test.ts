// What only threads can do: shared memory, and a near side that blocks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel, Worker } from "node:worker_threads";
import { nearWord } from "../../../src/executors/thread/hub.ts";
import { openThreadLink } from "../../../src/executors/thread/link.ts";
import { openFarThread } from "../../../src/executors/thread/worker.ts";
import { allocateWords, load } from "../../../src/memory/atomics.ts";
import { WakeWord } from "../../../src/memory/wake-word.ts";
import { bootUrl, Harness, Program, pumpUntil } from "./harness.ts";

const open = openThreadLink(bootUrl);
const start = (settings = {}): Harness => new Harness(open, settings);

test("a blocked thread starts a worker, gets frames and output in order, and its exit, by pump alone", () => {
  const harness = start();
  harness.run(1, "print", "while blocked");
  for (let id = 2; id <= 1_000; id++) harness.run(id, "echo");
  pumpUntil(harness, () => harness.settled(1_000) !== undefined);
  assert.deepEqual(harness.log.slice(0, 5), ["ready", "stdout", "stderr", "settled 1", "settled 2"]);
  assert.equal(harness.output.stdout, "while blocked\n");
  harness.run(2_000, "exit", "9");
  pumpUntil(harness, () => harness.exits.length > 0);
  assert.equal(harness.settledIds.length, 1_100, "what was sent before the exit comes before it");
  assert.deepEqual(harness.exits[0]?.exitCode, 9);
  assert.equal(harness.exits[0]?.error, undefined);
});

test("an exit that pump has reported is not reported again by the event loop", async () => {
  const harness = start();
  pumpUntil(harness, () => harness.log.includes("ready"));
  const gone = new Promise((resolve) => setTimeout(resolve, 300));
  harness.run(1, "exit", "1");
  pumpUntil(harness, () => harness.exits.length > 0);
  // The harness fails on a second report; Node's exit event comes within a few milliseconds.
  await gone;
  assert.equal(harness.exits.length, 1);
});

test("pump sees a worker die: uncaught error, kill, a file that cannot be loaded", () => {
  const uncaught = start();
  pumpUntil(uncaught, () => uncaught.log.includes("ready"));
  uncaught.run(1, "throw", "error");
  pumpUntil(uncaught, () => uncaught.exits.length > 0);
  assert.match(String(uncaught.exits[0]?.error), /^RangeError: on purpose$/);
  assert.equal(uncaught.exits[0]?.exitCode, 1);

  const killed = start();
  pumpUntil(killed, () => killed.log.includes("ready"));
  killed.run(1, "spin");
  pumpUntil(killed, () => killed.log.includes("started 1"));
  killed.link.kill();
  pumpUntil(killed, () => killed.exits.length > 0);
  assert.equal(killed.exits[0]?.error, undefined);

  const missing = new Harness(openThreadLink(new URL("./no-such-file.js", import.meta.url)));
  pumpUntil(missing, () => missing.exits.length > 0);
  assert.ok(missing.exits[0]?.error instanceof Error);
});

test("pump sees a worker run out of memory, of which no JavaScript of the worker can tell", () => {
  const harness = start({ memoryLimit: 32 });
  pumpUntil(harness, () => harness.log.includes("ready"));
  harness.run(1, "oom");
  pumpUntil(harness, () => harness.exits.length > 0);
  assert.match(String(harness.exits[0]?.error), /out of memory \(memoryLimit 32 MB\)/);
});

test("pump serves all workers of the thread, returns when one has something, and at its time limit when none has", async () => {
  const [first, second] = [await start().ready(), await start().ready()];
  second.run(1, "echo");
  pumpUntil(second, () => second.settled(1) !== undefined);
  first.run(1, "echo");
  second.run(2, "echo");
  while (first.settled(1) === undefined || second.settled(2) === undefined) first.link.pump?.(20_000);
  const before = performance.now();
  first.link.pump?.(60);
  const tookMs = performance.now() - before;
  assert.ok(tookMs >= 59 && tookMs < 5_000, `took ${tookMs} ms`);
  await Promise.all([first.kill(), second.kill()]);
});

test("a worker that cannot be constructed exits with the error, by event and by pump", async () => {
  const settings = { env: { NODE_OPTIONS: "--title=of-the-whole-process" } };
  assert.match(String((await start(settings).exit()).error), /invalid NODE_OPTIONS/);
  const pumped = start(settings);
  pumpUntil(pumped, () => pumped.exits.length > 0);
  assert.match(String(pumped.exits[0]?.error), /invalid NODE_OPTIONS/);
});

test("a worker whose file cannot be loaded exits with the error", async () => {
  const exit = await new Harness(openThreadLink(new URL("./no-such-file.js", import.meta.url))).exit();
  assert.match(String(exit.error), /Cannot find module/);
  assert.equal(exit.exitCode, 1);
});

test("raiseFlag is seen by code that never yields, once", async () => {
  const harness = await start().ready();
  harness.run(1, "spinUntilFlag");
  await harness.until(() => harness.log.includes("started 1"));
  harness.link.raiseFlag();
  assert.equal(await harness.json(1), "flag seen");
  harness.run(2, "spinUntilFlag");
  harness.run(3, "echo");
  await harness.until(() => harness.log.includes("started 2"));
  assert.equal(harness.settled(2), undefined);
  harness.link.raiseFlag();
  await harness.outcome(3);
  await harness.kill();
});

test("a worker that dies between waking this thread and saying so leaves it wakeable for the others", async () => {
  const [steady, dying] = [await start().ready(), await start().ready()];
  // What a worker does first: from here on the others think that this thread is awake, and no message will ever come.
  const word = new WakeWord(nearWord);
  while (!word.wake()) await new Promise((resolve) => setImmediate(resolve));
  await dying.kill();
  steady.run(1, "echo");
  await steady.outcome(1);
  await steady.kill();
});

test("wait blocks the worker until frames have come", async () => {
  const harness = await start().ready();
  harness.run(1, "waitFor");
  await harness.until(() => harness.log.includes("started 1"));
  for (const id of [2, 3, 4]) harness.run(id, "echo");
  assert.deepEqual(await harness.json(1), [2, 3, 4]);
  await harness.kill();
});

test("attachments: shared memory is shared, buffers and ports are moved", async () => {
  const harness = await start().ready();
  const words = allocateWords(1);
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  const { port1, port2 } = new MessageChannel();
  harness.run(1, "echo", "", new Uint8Array(1), [words.buffer, buffer, port2]);
  assert.equal(buffer.byteLength, 0);
  await harness.outcome(1);
  const attachments = harness.settled(1)?.payload.attachments ?? [];
  const [shared, moved, port] = attachments as [SharedArrayBuffer, ArrayBuffer, MessageChannel["port1"]];
  new Int32Array(shared)[0] = 42;
  assert.equal(load(words, 0), 42);
  assert.deepEqual([...new Uint8Array(moved)], [1, 2, 3]);
  const arrived = new Promise((resolve) => port1.once("message", resolve));
  port.postMessage("over the moved port");
  assert.equal(await arrived, "over the moved port");
  port1.close();
  await harness.kill();
});

test("a frame that cannot be posted ends the worker with the reason instead of hanging", async () => {
  const harness = await start().ready();
  harness.run(1, "echo", "", new Uint8Array(1), [() => 1]);
  const exit = await harness.exit();
  assert.match((exit.error as Error).name, /^(TypeError|DataCloneError)$/);
});

test("stackSize is honoured", async () => {
  const harness = await start({ stackSize: 16 }).ready();
  assert.equal(typeof harness.link.workerId, "number");
  await harness.kill();
});

test("openFarThread refuses a thread that brigade has not started", async () => {
  assert.throws(() => openFarThread(), { code: "ERR_BRIGADE_UNSUPPORTED" });
  const worker = new Worker(bootUrl);
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => worker.on("error", resolve));
  assert.equal(error.code, "ERR_BRIGADE_UNSUPPORTED");
});

test("flags of the program: those of its entry do not reach the workers, the others do", async () => {
  const { stdout, stderr } = await new Program("flags", ["--enable-source-maps", "--stack-trace-limit=7", "--max-old-space-size=300"])
    .ended;
  const [thread, child] = JSON.parse(stdout || stderr);
  assert.deepEqual(thread.execArgv, ["--enable-source-maps", "--stack-trace-limit=7", "--max-old-space-size=300"]);
  assert.deepEqual(child.execArgv, thread.execArgv);
  assert.deepEqual([thread.sourceMaps, child.sourceMaps], process.versions.bun ? [undefined, undefined] : [true, true]);
});

test("a program given as text by --input-type starts workers all the same", async () => {
  const parent = new URL("./parent.js", import.meta.url).href;
  const flags = ["--input-type=module", "--no-warnings", "-e", `await import(${JSON.stringify(parent)})`];
  const { stdout, stderr } = await new Program("flags", flags).ended;
  const [thread, child] = JSON.parse(stdout || stderr);
  assert.deepEqual([thread.execArgv, child.execArgv], [["--no-warnings"], ["--no-warnings"]]);
});

test("what is printed before brigade runs in the worker is forwarded too, and does not hold the program open", async () => {
  const preload = "data:text/javascript,process.stdout.write('preloaded\\n')";
  const { stdout, code } = await new Program("preload", ["--import", preload]).ended;
  assert.equal(stdout, 'preloaded\n"preloaded\\nafter boot\\n"\n');
  assert.equal(code, 0);
});
