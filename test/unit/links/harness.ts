// A pool of one, for tests of links: collects what a link reports and lets a test wait for it.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { FrameFromWorker, FrameToWorker, SettledFrame } from "../../../src/executors/pool/frames.ts";
import type { Link, OpenLink, WorkerExit, WorkerSettings } from "../../../src/executors/pool/link.ts";
import { encoded } from "../../../src/wire/plain.ts";

export const bootUrl = new URL("./boot.js", import.meta.url);

export class Harness {
  readonly link: Link;
  readonly frames: FrameFromWorker[] = [];
  /** Everything in the order in which it was reported. */
  readonly log: string[] = [];
  readonly output = { stdout: "", stderr: "" };
  readonly exits: WorkerExit[] = [];
  #waiters: (() => void)[] = [];
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(open: OpenLink, settings: Partial<WorkerSettings> = {}) {
    let inside = true;
    const report = (entry: string): void => {
      assert.equal(inside, false, "nothing is reported from inside openLink");
      assert.equal(this.exits.length, entry === "exit" ? 1 : 0, "nothing is reported after the exit, and that once");
      this.log.push(entry);
      for (const wake of this.#waiters.splice(0)) wake();
    };
    this.link = open(
      { name: "w-1", ...settings },
      {
        onFrame: (frame) => {
          this.frames.push(frame);
          report("id" in frame ? `${frame.type} ${frame.id}` : frame.type);
        },
        onOutput: (stream, text) => {
          this.output[stream] += text;
          report(stream);
        },
        onExit: (exit) => {
          this.exits.push(exit);
          report("exit");
        },
      },
    );
    inside = false;
  }

  /** Resolves when the condition holds; checked whenever something is reported. Holds the program open meanwhile. */
  async until(condition: () => boolean): Promise<void> {
    this.#keepAlive ??= setInterval(() => {}, 1_000);
    try {
      while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
    } finally {
      clearInterval(this.#keepAlive);
      this.#keepAlive = undefined;
    }
  }

  run(id: number, fn: string, taskName = "", bytes: Uint8Array = new Uint8Array(0), attachments?: readonly unknown[]): void {
    this.link.send(command(id, fn, taskName, bytes, attachments));
  }

  settled(id: number): SettledFrame | undefined {
    return this.frames.find((frame): frame is SettledFrame => frame.type === "settled" && frame.id === id);
  }

  get settledIds(): number[] {
    return this.frames.filter((frame) => frame.type === "settled").map((frame) => (frame as SettledFrame).id);
  }

  async outcome(id: number): Promise<Uint8Array> {
    await this.until(() => this.settled(id) !== undefined || this.exits.length > 0);
    const frame = this.settled(id);
    assert.ok(frame, `no outcome, but the exit ${JSON.stringify(this.exits[0])} ${String(this.exits[0]?.error)}`);
    return encoded(frame.payload).bytes;
  }

  async json(id: number): Promise<unknown> {
    return JSON.parse(Buffer.from(await this.outcome(id)).toString());
  }

  async ready(): Promise<this> {
    await this.until(() => this.log.includes("ready") || this.exits.length > 0);
    assert.deepEqual(this.exits, []);
    return this;
  }

  async exit(): Promise<WorkerExit> {
    await this.until(() => this.exits.length > 0);
    return this.exits[0] as WorkerExit;
  }

  async kill(): Promise<WorkerExit> {
    this.link.kill();
    return this.exit();
  }
}

export function command(
  id: number,
  fn: string,
  taskName = "",
  bytes: Uint8Array = new Uint8Array(0),
  attachments?: readonly unknown[],
): FrameToWorker {
  return { type: "run", id, url: "test:", fn, taskNumber: id, taskName, payload: { bytes, attachments } };
}

/** Pumps until the condition holds; fails after `limitMs`, a wide margin. */
export function pumpUntil(harness: Harness, condition: () => boolean, limitMs = 20_000): void {
  const end = performance.now() + limitMs;
  while (!condition()) {
    assert.ok(performance.now() < end, `not within ${limitMs} ms; so far: ${harness.log.join(", ").slice(-400)}`);
    harness.link.pump?.(1_000);
  }
}

/** How a program of the tests ended, and what it wrote. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of the tests that runs: `parent.ts` in one of its modes. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramEnd>;
  #stdout = "";
  #wake: (() => void) | undefined;

  /** `inTerminal`: in one of its own, made by the program `script`, whose input is what is typed there. */
  constructor(mode: string, flags: readonly string[] = [], inTerminal = false) {
    const command = [process.execPath, ...flags, fileURLToPath(new URL("./parent.js", import.meta.url)), mode];
    const [file = "", ...args] = inTerminal
      ? ["script", "-qfec", `exec ${command.map((each) => `'${each}'`).join(" ")}`, "/dev/null"]
      : command;
    this.child = spawn(file, args, {
      stdio: [inTerminal ? "pipe" : "ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });
    let stderr = "";
    this.child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk;
      this.#wake?.();
    });
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code, signal) => {
        resolve({ code, signal, stdout: this.#stdout, stderr });
        this.#wake?.();
      });
    });
  }

  /** The first whole line of JSON that the program printed. */
  async line(): Promise<unknown> {
    while (!this.#stdout.includes("\n")) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) assert.fail(`ended early: ${JSON.stringify(await this.ended)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return JSON.parse(this.#stdout.slice(0, this.#stdout.indexOf("\n")));
  }
}

/** Whether a process runs. A zombie does not: where process 1 does not reap, an orphan that died stays one. */
export function isAlive(pid: number): boolean {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
    } catch {
      return false;
    }
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
