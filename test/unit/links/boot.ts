// The far side of the link tests: a worker whose "functions" are the commands below. It answers `run` frames with `settled`
// frames and knows no runtime.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { isMainThread, Worker } from "node:worker_threads";
import type { RunFrame } from "../../../src/executors/pool/frames.ts";
import { openFarProcess } from "../../../src/executors/process/worker.ts";
import { openFarThread } from "../../../src/executors/thread/worker.ts";
import { encoded } from "../../../src/wire/plain.ts";

const start = isMainThread ? await openFarProcess() : openFarThread();
const { link } = start;
const polled: number[] = [];
let collect = false;

let resume: (() => void) | undefined;
const next = (): Promise<void> => new Promise((resolve) => (resume = resolve));

const settle = (id: number, bytes: Uint8Array, attachments?: readonly unknown[]): void =>
  link.send({ type: "settled", id, state: "succeeded", runMs: 0, payload: { bytes, attachments } });
const say = (id: number, value: unknown): void => settle(id, Buffer.from(JSON.stringify(value)));

const weird: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => Object.create(null),
  function: () => () => 1,
  getter: () =>
    Object.defineProperty({}, "message", {
      enumerable: true,
      get: () => {
        throw new RangeError("from a getter");
      },
    }),
  string: () => "a string",
  error: () => Object.assign(new RangeError("on purpose"), { extra: 1 }),
};

const commands: Record<string, (frame: RunFrame) => void | Promise<void>> = {
  echo: ({ id, payload }) => settle(id, encoded(payload).bytes, payload.attachments),
  facts: ({ id }) =>
    say(id, {
      name: start.name,
      level: start.level,
      setup: start.setup,
      env: process.env,
      cwd: process.cwd(),
      execArgv: process.execArgv,
      pid: process.pid,
      sourceMaps: (process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled,
    }),
  many: ({ id, taskName }) => {
    for (let i = 0; i < Number(taskName); i++) settle(id + i, new Uint8Array([i & 255]));
  },
  print: ({ id, taskName }) => {
    console.log(taskName);
    console.error(`err ${taskName}`);
    say(id, "printed");
  },
  // A character in two writes, with a look of the other side between them, and half of one as last words.
  cutCharacters: async ({ id }) => {
    for (const stream of ["stdout", "stderr"] as const) {
      const [first, rest] = [Buffer.from("a😀").subarray(0, 3), Buffer.from("a😀").subarray(3)];
      process[stream].write(first);
      say(id, stream);
      await next();
      process[stream].write(Buffer.concat([rest, Buffer.from("é").subarray(0, 1)]));
    }
    process.exit(3);
  },
  goOn: () => resume?.(),
  exit: ({ id, taskName }) => {
    for (let i = 0; i < 100; i++) settle(id + i, new Uint8Array([i]));
    process.exit(Number(taskName));
  },
  exitLarge: ({ id, taskName }) => {
    settle(id, new Uint8Array(Number(taskName)).fill(7));
    process.exit(5);
  },
  throw: ({ taskName }) => {
    setImmediate(() => {
      throw weird[taskName]?.();
    });
  },
  reject: () => {
    void Promise.reject(new TypeError("nobody caught it"));
  },
  oom: () => {
    const hoard: unknown[] = [];
    for (;;) hoard.push({ x: Math.random(), y: [1, 2, 3] });
  },
  spin: ({ id }) => {
    link.send({ type: "started", id });
    for (;;);
  },
  spinUntilFlag: ({ id }) => {
    link.send({ type: "started", id });
    while (!link.flagged());
    say(id, "flag seen");
  },
  // Holds the thread and reads frames by polling alone until `echo` number `taskName` has come.
  pollUntil: ({ id, taskName }) => {
    collect = true;
    link.send({ type: "started", id });
    while (polled.at(-1) !== Number(taskName)) if (link.flagged() || start.level === "thread") link.poll();
    collect = false;
    say(id, polled);
  },
  waitFor: ({ id }) => {
    collect = true;
    link.send({ type: "started", id });
    while (polled.length < 3) link.wait?.(10_000);
    collect = false;
    say(id, polled);
  },
  grandchild: ({ id }) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: ["ignore", "inherit", "inherit"] });
    say(id, child.pid);
  },
  // Tries what the guide says of permissions, one thing each.
  attempt: async ({ id, taskName }) => {
    const [what, path = ""] = taskName.split(" ");
    const attempts: Record<string, () => unknown> = {
      read: () => readFileSync(path),
      spawn: () => spawnSync(process.execPath, ["--version"]),
      worker: () => new Promise((resolve) => new Worker("", { eval: true }).on("exit", resolve)),
      signal: () => process.kill(process.ppid, 0),
      // A thread with a list of flags of its own, and a program that is no Node: neither is under the model.
      readByThread: () => readByThread(path),
      readByProgram: () => {
        if (spawnSync("cat", [path]).status !== 0) throw Object.assign(new RangeError("cat failed"), { code: "FAILED" });
      },
      descriptor: () => writeSync(2, ""),
      wasi: async () => new (await import("node:wasi")).WASI({ version: "preview1" }),
      inspector: async () => new (await import("node:inspector")).Session().connect(),
      resolve: async () => (await import("node:dns/promises")).lookup("localhost"),
      bind: () => bindDatagrams(),
      addon: () => process.dlopen({ exports: {} }, "/nowhere.node"),
    };
    try {
      await attempts[what as string]?.();
      say(id, "allowed");
    } catch (error) {
      say(id, (error as NodeJS.ErrnoException).code);
    }
  },
  // Nobody listens on port 1: whether it is refused by the system or by the runtime is the question.
  connect: async ({ id }) => {
    const { connect } = await import("node:net");
    try {
      const socket = connect(1, "127.0.0.1");
      socket.on("error", (error: NodeJS.ErrnoException) => say(id, error.code));
    } catch (error) {
      say(id, (error as NodeJS.ErrnoException).code);
    }
  },
  tooLong: ({ id }) => settle(id, { byteLength: 2 ** 30 } as Uint8Array),
  escape: ({ id }) => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore", detached: true });
    child.unref();
    say(id, child.pid);
  },
  write: ({ id, taskName }) => {
    try {
      writeFileSync(taskName, "written");
      say(id, "written");
    } catch (error) {
      say(id, (error as NodeJS.ErrnoException).code);
    }
  },
  garbage: ({ taskName }) => {
    writeSync(3, Buffer.from(taskName === "text" ? "this is no frame at all" : [20, 0, 0, 0, 5, 0, 0, 0, 123]));
    if (taskName === "truncated") process.exit(0);
  },
  part: () => {
    closeSync(3);
    setInterval(() => {}, 1_000);
  },
  exitHandler: ({ id }) => {
    process.on("exit", () => say(id, "from the exit handler"));
    process.exit(0);
  },
  badFrame: ({ taskName }) => link.send(JSON.parse(taskName)),
  flush: ({ id, taskName }) => {
    settle(id, new Uint8Array(Number(taskName)));
    void link.flush().then(() => process.kill(process.pid, "SIGKILL"));
  },
};

function readByThread(path: string): Promise<void> {
  const code = `require("node:fs").readFileSync(${JSON.stringify(path)})`;
  return new Promise((resolve, reject) => new Worker(code, { eval: true, execArgv: [] }).on("error", reject).on("exit", () => resolve()));
}

async function bindDatagrams(): Promise<void> {
  const { createSocket } = await import("node:dgram");
  const socket = createSocket("udp4");
  await new Promise<void>((resolve, reject) => socket.on("error", reject).bind(0, "127.0.0.1", resolve));
  socket.close();
}

link.receive((frame) => {
  if (frame.type === "end") return void link.flush().then(() => process.exit(0));
  if (frame.type !== "run") return;
  if (collect) polled.push(frame.id);
  else void commands[frame.fn]?.(frame);
});
link.send({ type: "ready" });
