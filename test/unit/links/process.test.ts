// What only processes have: a pipe that can be closed or abused, an operating system that may refuse, and orphans to avoid.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import type { Permissions } from "../../../src/contract/executor.ts";
import { decodeFailure } from "../../../src/executors/pool/passage.ts";
import { openProcessLink } from "../../../src/executors/process/link.ts";
import { openFarProcess } from "../../../src/executors/process/worker.ts";
import type { Encoded } from "../../../src/wire/codec.ts";
import { bootUrl, Harness, isAlive, Program } from "./harness.ts";

const open = openProcessLink(bootUrl);
const start = (settings = {}): Harness => new Harness(open, settings);
const posix = process.platform !== "win32";
const folder = mkdtempSync(join(tmpdir(), "brigade-links-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Waits until processes are gone; fails after a second, the promise that brigade makes. */
async function goneWithinASecond(pids: readonly number[], t?: TestContext): Promise<void> {
  const start = performance.now();
  while (pids.some(isAlive)) {
    assert.ok(performance.now() < start + 1_000, `still alive after a second: ${pids.filter(isAlive)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  t?.diagnostic(`orphans lived for ${Math.round(performance.now() - start)} ms`);
}

for (const [what, command, taskName, expected] of [
  ["text on the pipe", "garbage", "text", /Not a frame: a length/],
  ["a broken header", "garbage", "header", /middle of a frame|Not a frame/],
  ["a truncated frame", "garbage", "truncated", /middle of a frame/],
  ["a frame of no known type", "badFrame", '{"type":"__proto__"}', /no frame of type "__proto__"/],
  ["a frame without its id", "badFrame", '{"type":"started","id":"1"}', /"started" frame lacks its id/],
  ["a frame without its payload", "badFrame", '{"type":"settled","id":1}', /"settled" frame lacks its payload/],
] as const) {
  test(`${what} ends the child, with the reason`, async () => {
    const harness = await start().ready();
    harness.run(1, command, taskName);
    // The broken header announces more than it brings: the rest of it is a good frame, read as header.
    if (taskName === "header") harness.run(2, "echo", "", new Uint8Array(100));
    const exit = await harness.exit();
    assert.ok(exit.error instanceof RangeError || exit.error instanceof SyntaxError, String(exit.error));
    if (taskName !== "header") assert.match(String(exit.error), expected);
  });
}

test("a child that closes its link and lives on is ended", { skip: posix ? false : "POSIX" }, async () => {
  const harness = await start().ready();
  harness.run(1, "part");
  assert.match(String((await harness.exit()).error), /closed its link and lived on/);
});

test("attachments are refused, with the reason", async () => {
  const harness = await start().ready();
  harness.run(1, "echo", "", new Uint8Array(1), [new ArrayBuffer(1)]);
  assert.match(String((await harness.exit()).error), /attachments, which cannot leave the process/);
});

test("what is too long for a frame fails its task, there and back, and the child goes on", async () => {
  const harness = await start().ready();
  harness.run(1, "echo", "", { byteLength: 2 ** 30 } as Uint8Array);
  assert.equal(harness.settled(1), undefined, "never from inside send");
  harness.run(2, "tooLong");
  for (const id of [1, 2]) {
    await harness.outcome(id);
    assert.equal(harness.settled(id)?.state, "failed");
    const error = decodeFailure(harness.settled(id)?.payload as Encoded);
    assert.ok(error instanceof RangeError && /frame of \d+ bytes is above/.test(error.message), String(error));
  }
  harness.run(3, "echo", "", new Uint8Array([3]));
  assert.deepEqual([...(await harness.outcome(3))], [3]);
  await harness.kill();
});

test("a directory that does not exist is told apart from a runtime that does not", async () => {
  const exit = await start({ cwd: join(folder, "missing") }).exit();
  assert.match(String(exit.error), /RangeError: cwd: ".*missing" is no directory/);
  assert.deepEqual([exit.exitCode, exit.signal], [null, null]);
  const { execPath } = process;
  try {
    process.execPath = join(folder, "no-node");
    assert.match(String((await start().exit()).error), /the runtime .*no-node is gone/);
  } finally {
    process.execPath = execPath;
  }
});

test("cwd is where the child runs", async () => {
  const harness = start({ cwd: folder });
  harness.run(1, "facts");
  const { cwd } = (await harness.json(1)) as { cwd: string };
  assert.equal(cwd.endsWith(folder.slice(folder.lastIndexOf("brigade-links-"))), true);
  await harness.kill();
});

test("nice sets the priority; one that cannot be set ends the child with the reason", async () => {
  const harness = await start({ nice: 7 }).ready();
  if (posix) assert.equal(getPriority(harness.link.workerId), 7);
  await harness.kill();
  assert.match(String((await start({ nice: 99 }).exit()).error), /nice: the priority 99 cannot be set/);
});

test("nice also counts between sessions, where the system groups processes by them", async (t) => {
  const group = (pid: number | undefined | "self") => /nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, "utf8"))?.[1];
  if (!existsSync("/proc/self/autogroup")) return t.skip("this system does not group processes by session");
  const ours = group("self");
  const harness = await start({ nice: 7 }).ready();
  while (group(harness.link.workerId) !== "7") await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(group("self"), ours, "the program itself is where it was");
  await harness.kill();
});

test("cpus bind the child to processors, and are refused where that cannot be done", async () => {
  if (process.platform === "linux" && existsSync("/usr/bin/taskset")) {
    const harness = await start({ cpus: [0] }).ready();
    const status = readFileSync(`/proc/${harness.link.workerId}/status`, "utf8");
    assert.match(status, /^Cpus_allowed_list:\s0$/m);
    await harness.kill();
    const exit = await start({ cpus: [4_000] }).exit();
    assert.match(exit.stderrTail, /affinity/);
  }
  const { platform } = process;
  Object.defineProperty(process, "platform", { value: "sunos" });
  try {
    const refused = start({ cpus: [0] });
    assert.match(String((await refused.exit()).error), /UnsupportedError: cpus: workers cannot be bound to the processors 0/);
  } finally {
    Object.defineProperty(process, "platform", { value: platform });
  }
});

test("permissions: what the guide says is contained is, and what it says is not is not", {
  skip: posix ? false : "links need rights",
}, async () => {
  const [inside, outside] = [join(folder, "inside"), join(folder, "outside.txt")];
  mkdirSync(inside);
  writeFileSync(outside, "secret");
  symlinkSync(outside, join(inside, "way-out"));
  const attempt = async (permissions: Permissions, what: string): Promise<unknown> => {
    const harness = start({ permissions });
    harness.run(1, "attempt", what);
    try {
      return await harness.json(1);
    } finally {
      await harness.kill();
    }
  };
  const read = { read: [inside] };
  assert.equal(await attempt(read, `read ${outside}`), "ERR_ACCESS_DENIED");
  assert.equal(await attempt(read, `read ${join(inside, "way-out")}`), "allowed", "links are followed");
  for (const what of ["spawn", "worker"]) assert.equal(await attempt({}, what), "ERR_ACCESS_DENIED", what);
  assert.equal(await attempt({}, "addon"), "ERR_DLOPEN_DISABLED");
  assert.equal(await attempt({}, "signal"), "allowed", "signals are nobody's concern there");
  assert.equal(await attempt({}, "descriptor"), "allowed", "what was open before stays open");
  assert.equal(await attempt({}, "wasi"), "ERR_ACCESS_DENIED");
  assert.equal(await attempt({ wasi: true }, "wasi"), "allowed");
  assert.equal(await attempt({}, "inspector"), "ERR_ACCESS_DENIED");
  assert.equal(await attempt({ childProcess: true }, "spawn"), "allowed");
  assert.equal(await attempt({ worker: true }, "worker"), "allowed");
  assert.equal(await attempt({ worker: true }, `readByThread ${outside}`), "allowed", "a thread with flags of its own leaves the model");
  assert.equal(await attempt({ childProcess: true }, `readByProgram ${outside}`), "allowed", "a program is under none");
  for (const what of ["resolve", "bind"]) {
    assert.equal(await attempt({}, what), process.allowedNodeEnvironmentFlags.has("--allow-net") ? "ERR_ACCESS_DENIED" : "allowed", what);
    assert.equal(await attempt({ net: true }, what), "allowed", what);
  }
});

test("permissions: the network is refused where the runtime can, and never said to be where it cannot", async () => {
  const canRefuse = process.allowedNodeEnvironmentFlags.has("--allow-net");
  const connect = async (permissions: Permissions): Promise<unknown> => {
    const harness = start({ permissions });
    harness.run(1, "connect");
    try {
      return await harness.json(1);
    } finally {
      await harness.kill();
    }
  };
  assert.equal(await connect({}), canRefuse ? "ERR_ACCESS_DENIED" : "ECONNREFUSED");
  assert.equal(await connect({ net: true }), "ECONNREFUSED");
  if (canRefuse) assert.equal(await connect({ net: false }), "ERR_ACCESS_DENIED");
  else
    assert.match(
      String((await start({ permissions: { net: false } }).exit()).error),
      /UnsupportedError: permissions\.net: Node .* cannot refuse/,
    );
});

test("stackSize above what the system gives is refused; below, it is honoured", async () => {
  assert.match(String((await start({ stackSize: 4_096 }).exit()).error), /stackSize: 4096 MB is more than a process can safely have/);
  const harness = await start({ stackSize: 2 }).ready();
  await harness.kill();
});

test("permissions: what is not listed is refused, what is listed works, secrets of the environment stay here", async () => {
  const [listed, unlisted] = [join(folder, "listed.txt"), join(folder, "unlisted.txt")];
  process.env["BRIGADE_SECRET"] = "x";
  const harness = start({ permissions: { write: [listed] } });
  delete process.env["BRIGADE_SECRET"];
  harness.run(1, "write", unlisted);
  harness.run(2, "write", listed);
  harness.run(3, "facts");
  assert.equal(await harness.json(1), "ERR_ACCESS_DENIED");
  assert.equal(await harness.json(2), "written");
  const { env } = (await harness.json(3)) as { env: NodeJS.ProcessEnv };
  assert.equal(env["BRIGADE_SECRET"], undefined);
  assert.equal(env["PATH"], process.env["PATH"]);
  assert.equal(harness.output.stderr, "");
  await harness.kill();
});

test("permissions with a bad path are refused with its name", async () => {
  const exit = await start({ permissions: { read: ["/", 5 as unknown as string] } }).exit();
  assert.match(String(exit.error), /TypeError: permissions\.read\[1\] must be a path, got 5/);
});

test("Node's own channel to a parent does not leak into children", async () => {
  process.env["NODE_CHANNEL_FD"] = "3";
  const harness = start();
  delete process.env["NODE_CHANNEL_FD"];
  harness.run(1, "facts");
  assert.equal(((await harness.json(1)) as { env: NodeJS.ProcessEnv }).env["NODE_CHANNEL_FD"], undefined);
  await harness.kill();
});

test("output: characters that are cut in two come whole, and half a character of a dead child is no silence", async () => {
  const harness = await start().ready();
  harness.run(1, "cutCharacters");
  await harness.until(() => harness.output.stdout === "a");
  harness.run(2, "goOn");
  await harness.until(() => harness.output.stdout.startsWith("a😀") && harness.output.stderr === "a");
  harness.run(3, "goOn");
  const exit = await harness.exit();
  assert.deepEqual(harness.output, { stdout: "a😀\u{fffd}", stderr: "a😀\u{fffd}" });
  assert.equal(exit.stderrTail, "a😀\u{fffd}");
});

test("flush waits until the operating system has everything", async () => {
  const harness = await start().ready();
  harness.run(1, "flush", String(3 * 2 ** 20));
  const exit = await harness.exit();
  assert.equal(harness.settled(1)?.payload.bytes?.byteLength, 3 * 2 ** 20);
  assert.equal(exit.signal, "SIGKILL");
});

test("kill takes the grandchildren along", { skip: posix ? false : "process groups are POSIX" }, async () => {
  const harness = await start().ready();
  harness.run(1, "grandchild");
  const grandchild = (await harness.json(1)) as number;
  assert.equal(isAlive(grandchild), true);
  await harness.kill();
  await goneWithinASecond([grandchild]);
});

test("kill ends a stopped child", { skip: posix ? false : "SIGSTOP is POSIX" }, async () => {
  const harness = await start().ready();
  process.kill(harness.link.workerId as number, "SIGSTOP");
  assert.equal((await harness.kill()).signal, "SIGKILL");
});

test("the exit is reported although a grandchild holds the pipes open", { skip: posix ? false : "POSIX" }, async () => {
  const harness = await start().ready();
  harness.run(1, "grandchild");
  const grandchild = (await harness.json(1)) as number;
  harness.link.send({ type: "end" });
  const exit = await harness.exit();
  assert.equal(exit.exitCode, 0);
  assert.equal(isAlive(grandchild), true, "an orderly end leaves what the task left running");
  process.kill(grandchild, "SIGKILL");
});

for (const stopped of [false, true]) {
  const how = stopped ? ", one of them stopped" : "";
  test(`no orphans: a SIGKILLed parent takes spinning and idle children and theirs along${how}`, {
    skip: posix ? false : "POSIX",
  }, async (t) => {
    const program = new Program("family");
    const pids = (await program.line()) as number[];
    assert.equal(pids.length, 4);
    assert.ok(pids.every(isAlive));
    if (stopped) for (const pid of pids.slice(2)) process.kill(pid, "SIGSTOP");
    program.child.kill("SIGKILL");
    await goneWithinASecond(pids, t);
  });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
  test(`no orphans: ${signal} to the parent alone (Ctrl-C, a closed terminal) takes all children along, a stopped one too`, {
    skip: posix ? false : "POSIX",
  }, async (t) => {
    const program = new Program("family");
    const pids = (await program.line()) as number[];
    process.kill(pids[2] as number, "SIGSTOP");
    program.child.kill(signal);
    assert.equal((await program.ended).signal, signal);
    await goneWithinASecond(pids, t);
  });
}

const terminal =
  process.platform === "linux" && spawnSync("script", ["--version"]).stdout?.includes("util-linux") ? false : "takes script of util-linux";

for (const [what, leave] of [
  ["Ctrl-C in its terminal", (program: Program) => program.child.stdin?.write("\x03")],
  ["its terminal is closed", (program: Program) => program.child.kill("SIGKILL")],
] as const) {
  test(`no orphans: ${what}, while tasks run`, { skip: terminal }, async (t) => {
    const program = new Program("family", [], true);
    const pids = (await program.line()) as number[];
    assert.equal(pids.length, 4);
    process.kill(pids[2] as number, "SIGSTOP");
    leave(program);
    await goneWithinASecond(pids, t);
    await program.ended;
  });
}

test("no orphans: a parent that ends by an uncaught error takes all children along", { skip: posix ? false : "POSIX" }, async (t) => {
  const program = new Program("familyThenThrow");
  const pids = (await program.line()) as number[];
  const end = await program.ended;
  assert.match(end.stderr, /nobody catches this/);
  await goneWithinASecond(pids, t);
});

test("a process that a task has put into a session of its own has left the family, and is nobody's to kill", {
  skip: process.platform === "linux" ? false : "reads /proc",
}, async () => {
  const harness = await start().ready();
  harness.run(1, "escape");
  const escaped = (await harness.json(1)) as number;
  await harness.kill();
  assert.equal(isAlive(escaped), true);
  process.kill(escaped, "SIGKILL");
});

test("no zombies: whoever has ended is asked for at once, however it ended", {
  skip: process.platform === "linux" ? false : "reads /proc",
}, async () => {
  const program = new Program("zombies");
  assert.deepEqual(await program.line(), { started: 6, left: 0 });
  await program.ended;
});

test("no orphans: a parent that exits while children run takes them along", async () => {
  const program = new Program("familyThenExit");
  const pids = (await program.line()) as number[];
  await goneWithinASecond(posix ? pids : pids.filter((_, index) => index % 2 === 0));
  assert.equal((await program.ended).code, 0);
});

test("idle workers do not keep the program alive, awaited or not", async () => {
  for (const mode of ["idle", "unawaited"]) {
    const end = await new Program(mode).ended;
    assert.deepEqual([end.code, end.signal, end.stderr], [0, null, ""], mode);
  }
});

test("nothing is left open by workers that have ended", async () => {
  const program = new Program("leaks");
  const { before, after: afterwards } = (await program.line()) as { before: number[]; after: number[] };
  assert.deepEqual(afterwards, before);
  assert.equal((await program.ended).code, 0);
});

test("openProcessLink and openFarProcess refuse what is not theirs", async () => {
  assert.throws(() => openProcessLink(new URL("data:text/javascript,1")), TypeError);
  await assert.rejects(openFarProcess(), { code: "ERR_BRIGADE_UNSUPPORTED" });
});
