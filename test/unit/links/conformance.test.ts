// What every link owes, asked of both transports.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openProcessLink } from "../../../src/executors/process/link.ts";
import { openThreadLink } from "../../../src/executors/thread/link.ts";
import { bootUrl, Harness } from "./harness.ts";

const transports = { thread: openThreadLink(bootUrl), process: openProcessLink(bootUrl) };

for (const [level, open] of Object.entries(transports)) {
  const isThread = level === "thread";
  const opened: Harness[] = [];
  const start = (settings = {}): Harness => {
    const harness = new Harness(open, settings);
    opened.push(harness);
    return harness;
  };
  after(() => {
    for (const { link } of opened) link.kill();
  });

  test(`${level}: starts with its settings and echoes 10,000 frames in order`, async () => {
    const harness = await start({ name: "w-7", setup: { url: "file:///x.js", name: "setUp" } }).ready();
    assert.equal(typeof harness.link.workerId, "number");
    for (let id = 0; id < 10_000; id++) harness.run(id, "echo", "", new Uint8Array([id & 255, id >> 8]));
    await harness.until(() => harness.settledIds.length === 10_000);
    harness.settledIds.forEach((id, index) => {
      assert.equal(id, index);
    });
    assert.deepEqual([...(await harness.outcome(4_660))], [0x34, 0x12]);
    harness.run(20_000, "facts");
    const facts = (await harness.json(20_000)) as Record<string, unknown>;
    assert.deepEqual([facts["name"], facts["level"], facts["setup"]], ["w-7", level, { url: "file:///x.js", name: "setUp" }]);
    await harness.kill();
  });

  test(`${level}: 10,000 frames from the worker alone arrive in order`, async () => {
    const harness = await start().ready();
    harness.run(0, "many", "10000");
    await harness.until(() => harness.settledIds.length === 10_000);
    harness.settledIds.forEach((id, index) => {
      assert.equal(id, index);
    });
    await harness.kill();
  });

  test(`${level}: frames sent before the worker is up wait for it`, async () => {
    const harness = start();
    for (let id = 0; id < 10; id++) harness.run(id, "echo", "", new Uint8Array([id]));
    await harness.outcome(9);
    assert.equal(harness.log[0], "ready");
    assert.deepEqual(harness.settledIds, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await harness.kill();
  });

  test(`${level}: 8 MB there and back, an empty payload, and a view of a larger buffer`, async () => {
    const harness = await start().ready();
    const large = new Uint8Array(8 * 2 ** 20).map((_, index) => (index * 31) & 255);
    harness.run(1, "echo", "", large);
    harness.run(2, "echo", "", new Uint8Array(0));
    harness.run(3, "echo", "", large.subarray(100, 103));
    assert.equal(Buffer.compare(await harness.outcome(1), large), 0);
    assert.equal((await harness.outcome(2)).byteLength, 0);
    assert.deepEqual(await harness.outcome(3), large.slice(100, 103));
    assert.equal(large.byteLength, 8 * 2 ** 20, "the sender keeps its bytes");
    if (isThread) assert.equal((await harness.outcome(3)).buffer.byteLength, 3, "and only the view travels");
    await harness.kill();
  });

  test(`${level}: output is forwarded, whole, and its end kept`, async () => {
    const harness = await start().ready();
    for (let id = 1; id <= 200; id++) harness.run(id, "print", `line ${id} äöü`);
    await harness.outcome(200);
    if (isThread) assert.equal(harness.log.at(-1), "settled 200", "output of a thread is ordered with its frames");
    harness.link.send({ type: "end" });
    const exit = await harness.exit();
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index + 1} äöü\n`);
    assert.equal(harness.output.stdout, lines.join(""));
    assert.equal(harness.output.stderr, lines.map((line) => `err ${line}`).join(""));
    assert.equal(exit.stderrTail, harness.output.stderr.slice(-4096));
    assert.deepEqual([exit.exitCode, exit.signal, exit.error], [0, null, undefined]);
  });

  test(`${level}: process.exit loses nothing that was sent before`, async () => {
    const harness = await start().ready();
    harness.run(1, "exit", "3");
    const exit = await harness.exit();
    assert.equal(harness.settledIds.length, 100);
    assert.deepEqual([exit.exitCode, exit.signal, exit.error], [3, null, undefined]);
  });

  test(`${level}: process.exit loses nothing of a result larger than any pipe`, async () => {
    const harness = await start().ready();
    harness.run(1, "exitLarge", String(4 * 2 ** 20));
    const exit = await harness.exit();
    assert.equal(harness.settled(1)?.payload.bytes?.byteLength, 4 * 2 ** 20);
    assert.equal(exit.exitCode, 5);
  });

  test(`${level}: what an exit handler sends still arrives`, async () => {
    const harness = await start().ready();
    harness.run(1, "exitHandler");
    assert.equal(await harness.json(1), "from the exit handler");
    assert.equal((await harness.exit()).exitCode, 0);
  });

  const thrown: readonly (readonly [string, RegExp])[] = [
    ["undefined", /no Error: undefined/],
    ["null", /no Error/],
    ["function", /no Error/],
    ["getter", /no Error/],
    ["string", /no Error: 'a string'/],
    ["error", /^RangeError: on purpose$/],
  ];
  for (const [what, expected] of thrown) {
    test(`${level}: an uncaught ${what} ends the worker and is named`, async () => {
      const harness = await start().ready();
      harness.run(1, "throw", what);
      const exit = await harness.exit();
      assert.ok(exit.error instanceof Error);
      assert.match(String(exit.error), expected);
      assert.notEqual(exit.exitCode, 0);
    });
  }

  test(`${level}: an unhandled rejection ends the worker and is named`, async () => {
    const harness = await start().ready();
    harness.run(1, "reject");
    assert.match(String((await harness.exit()).error), /^TypeError: nobody caught it$/);
  });

  test(`${level}: out of memory ends the worker alone`, async () => {
    const harness = await start({ memoryLimit: 32 }).ready();
    harness.run(1, "oom");
    const exit = await harness.exit();
    if (isThread) assert.equal((exit.error as NodeJS.ErrnoException).code, "ERR_WORKER_OUT_OF_MEMORY");
    else assert.match(exit.stderrTail, /heap out of memory/);
    assert.ok(exit.exitCode !== 0);
  });

  test(`${level}: kill ends a spinning worker; a second kill and sends to the dead do nothing`, async () => {
    const harness = await start().ready();
    harness.run(1, "spin");
    await harness.until(() => harness.log.includes("started 1"));
    harness.link.kill();
    harness.link.kill();
    const exit = await harness.exit();
    if (!isThread) assert.equal(exit.signal, "SIGKILL");
    assert.equal(exit.error, undefined);
    harness.run(2, "echo");
    harness.link.kill();
    harness.link.raiseFlag();
  });

  test(`${level}: kill before the worker is up`, async () => {
    const harness = start();
    const exit = await harness.kill();
    assert.equal(exit.error, undefined);
    assert.equal(harness.exits.length, 1);
  });

  test(`${level}: code that holds the thread reads frames by polling, in order with those that came by event`, async () => {
    const harness = await start().ready();
    // One batch: part of it arrives in the same chunk as the command, the rest must be polled.
    harness.run(1, "pollUntil", "3000");
    for (let id = 2; id <= 1_500; id++) harness.run(id, "echo", "", new Uint8Array(100));
    await harness.until(() => harness.log.includes("started 1"));
    for (let id = 1_501; id <= 3_000; id++) harness.run(id, "echo", "", new Uint8Array(100));
    const seen = (await harness.json(1)) as number[];
    assert.deepEqual(
      seen,
      Array.from({ length: 2_999 }, (_, index) => index + 2),
    );
    harness.run(4_000, "echo");
    await harness.outcome(4_000);
    await harness.kill();
  });

  test(`${level}: an environment that is given replaces the inherited one`, async () => {
    process.env["BRIGADE_LINK_TEST"] = "inherited";
    const inheriting = start();
    const given = start({ env: { ONLY: "this" } });
    delete process.env["BRIGADE_LINK_TEST"];
    inheriting.run(1, "facts");
    given.run(1, "facts");
    const factsOf = async (harness: Harness): Promise<NodeJS.ProcessEnv> => ((await harness.json(1)) as { env: NodeJS.ProcessEnv }).env;
    assert.equal((await factsOf(inheriting))["BRIGADE_LINK_TEST"], "inherited");
    assert.deepEqual(Object.keys(await factsOf(given)), ["ONLY"]);
    await Promise.all([inheriting.kill(), given.kill()]);
  });
}
