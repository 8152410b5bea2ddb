// The near side of one child process. States: open → exited (the system said so; its pipes may still hold frames) → ended
// (`onExit` reported, pipes closed). Frames of one turn of the event loop leave in one write. Nothing here keeps the program
// alive. Protocol: README.md beside.
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { UnsupportedError } from "../../contract/errors.ts";
import { taskIdPrefix } from "../../core/task-id.ts";
import { type FrameToWorker, recordOfBytes } from "../pool/frames.ts";
import type { Link, LinkEvents, OpenLink, WorkerSettings } from "../pool/link.ts";
import { mapsSources } from "../pool/runtime-arguments.ts";
import { StderrTail } from "../pool/stderr-tail.ts";
import type { Command } from "./command.ts";
import { commandFor, explainSpawnFailure } from "./command.ts";
import { encodeFrame, FrameDecoder } from "./frame-codec.ts";
import { adopt, killGroup, killTree, release } from "./reaper.ts";
import type { OpenFrame } from "./start.ts";
import { errorOf, frameFromWorker, linkFd } from "./start.ts";

/** How long after the exit a pipe may stay open: a grandchild that has inherited it would hold it for ever. */
const lingerMs = 100;
/** How long a child may live that has closed its link: it exits on its own, or it is not ours any more. */
const partedMs = 1_000;

/** Links to child processes that run the file at `bootUrl` (a `file:` URL), which must call `openFarProcess`. Throws a
 *  `TypeError` for other URLs. */
export function openProcessLink(bootUrl: URL): OpenLink {
  const bootPath = fileURLToPath(bootUrl);
  return (settings, events) => new ProcessLink(bootPath, settings, events);
}

class ProcessLink implements Link {
  readonly sharesMemory = false;
  readonly #settings: WorkerSettings;
  readonly #events: LinkEvents;
  readonly #child: ChildProcess | undefined;
  readonly #pipe: Socket | undefined;
  readonly #decoder = new FrameDecoder();
  readonly #stderrTail = new StderrTail();
  #outgoing: Uint8Array[] = [];
  #error: { readonly value: unknown } | undefined;
  /** Set once the system has reported the exit; then nothing is signalled any more. */
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Bytes came that are no frame: nothing after them can be trusted. */
  #garbled = false;
  #killed = false;
  #ended = false;

  constructor(bootPath: string, settings: WorkerSettings, events: LinkEvents) {
    this.#settings = settings;
    this.#events = events;
    let command: Command | undefined;
    try {
      command = commandFor(bootPath, settings);
      // Loaded at the first child: `child_process` is a third of what importing brigade would cost, and threads never need it.
      this.#child = process.getBuiltinModule("node:child_process").spawn(command.file, command.args, command.options);
    } catch (error) {
      this.#error = { value: command === undefined ? error : explainSpawnFailure(error, command) };
      setImmediate(() => this.#end());
      return;
    }
    const child = this.#child;
    child.on("error", (error) => {
      // Errors of a child that runs are of signals to it, which may have ended meanwhile.
      if (child.pid !== undefined) return;
      this.#error = { value: explainSpawnFailure(error, command) };
      this.#end();
    });
    if (child.pid === undefined) return;
    adopt(child.pid);
    child.unref();
    child.on("exit", (code, signal) => this.#onExit(code, signal));
    child.on("close", () => this.#end());
    this.#pipe = child.stdio[linkFd] as Socket;
    this.#pipe.unref();
    this.#pipe.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#pipe.on("end", () => this.#onPipeEnd());
    // A write to a child that has just died; its exit follows.
    this.#pipe.on("error", () => this.#onPipeEnd());
    this.#forward("stdout", child.stdout);
    this.#forward("stderr", child.stderr);
    const { name, setup, teardown, nice } = settings;
    const open: OpenFrame = { type: "open", name, taskIdPrefix: taskIdPrefix(), setup, teardown, mapsSources: mapsSources() };
    this.#write(open);
    if (nice !== undefined) this.#setNice(child.pid, nice);
  }

  get workerId(): number | undefined {
    return this.#child?.pid;
  }

  send(frame: FrameToWorker): void {
    this.#write(recordOfBytes(frame));
  }

  kill(): void {
    if (this.#child === undefined || this.#exit !== undefined || this.#ended) return;
    this.#killed = true;
    killTree(this.#child);
  }

  /** A child polls its pipe instead; there is no word that both could read. */
  raiseFlag(): void {
    return;
  }

  #write(frame: { readonly type: string }): void {
    if (this.#pipe === undefined || this.#exit !== undefined || this.#ended) return;
    let pieces: Uint8Array[];
    try {
      pieces = encodeFrame(frame);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#outgoing.length === 0) process.nextTick(() => this.#flush());
    this.#outgoing.push(...pieces);
  }

  #flush(): void {
    const pieces = this.#outgoing;
    this.#outgoing = [];
    const pipe = this.#pipe;
    if (pipe?.writable !== true) return;
    pipe.cork();
    for (const piece of pieces) pipe.write(piece);
    pipe.uncork();
  }

  #onData(chunk: Buffer): void {
    if (this.#ended || this.#garbled) return;
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      // What came whole before the garbage still counts.
      this.#deliver();
      this.#garbled = true;
      this.#fail(error);
      return;
    }
    this.#deliver();
  }

  #deliver(): void {
    for (;;) {
      const raw = this.#decoder.next();
      if (raw === undefined || this.#ended || this.#garbled) return;
      let frame: ReturnType<typeof frameFromWorker>;
      try {
        frame = frameFromWorker(raw);
      } catch (error) {
        this.#garbled = true;
        this.#fail(error);
        return;
      }
      if (frame.type === "fatal") this.#error ??= { value: errorOf(frame, this.#settings.name) };
      else if (frame.type === "output") this.#output(frame.stream, frame.text);
      else this.#events.onFrame(frame);
    }
  }

  #onPipeEnd(): void {
    if (this.#ended || this.#exit !== undefined) return;
    this.#timer ??= setTimeout(() => this.#fail(new RangeError(`${this.#settings.name} closed its link and lived on.`)), partedMs).unref();
  }

  #forward(stream: "stdout" | "stderr", readable: Readable | null): void {
    if (readable === null) return;
    (readable as Socket).unref();
    readable.setEncoding("utf8");
    readable.on("error", () => readable.destroy());
    readable.on("data", (text: string) => {
      if (!this.#ended) this.#output(stream, text);
    });
  }

  #output(stream: "stdout" | "stderr", text: string): void {
    if (stream === "stderr") this.#stderrTail.append(text);
    this.#events.onOutput(stream, text);
  }

  #setNice(pid: number, nice: number): void {
    try {
      process.getBuiltinModule("node:os").setPriority(pid, nice);
    } catch (cause) {
      const why = (cause as Error).message;
      const message = `nice: the priority ${nice} cannot be set (${why}); -20 to 19 are possible, and below 0 only with privileges.`;
      this.#fail(new UnsupportedError(message, "nice", { cause }));
    }
  }

  /** The link cannot be relied on: whoever waits for a frame would wait for ever, so the child goes. */
  #fail(error: unknown): void {
    this.#error ??= { value: error };
    this.kill();
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#exit = { code, signal };
    const pid = this.#child?.pid as number;
    release(pid);
    // What a child that came to grief leaves in its group (not what it has detached) belongs to a task that is lost.
    if (process.platform !== "win32" && (this.#killed || code !== 0)) killGroup(pid);
    clearTimeout(this.#timer);
    // Everything the child wrote is in the pipes by now. The immediate comes after a whole turn of reading them, however long
    // this thread was busy, so a full pipe is not mistaken for one that a grandchild holds.
    this.#timer = setTimeout(() => setImmediate(() => this.#end()), lingerMs).unref();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const stream of [this.#pipe, this.#child?.stdout, this.#child?.stderr]) stream?.destroy();
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    if (this.#decoder.partial && !this.#killed && signal === null) {
      this.#error ??= { value: new RangeError(`${this.#settings.name} ended in the middle of a frame.`) };
    }
    this.#events.onExit({
      exitCode: code,
      signal,
      ...(this.#error === undefined ? {} : { error: this.#error.value }),
      stderrTail: this.#stderrTail.toString(),
    });
  }
}
