// The near side of one child process. States: open → exited (the system said so; its pipes may still hold frames) → ended
// (`onExit` reported, pipes closed). Frames of one turn of the event loop leave in one write. Nothing here keeps the program
// alive. Protocol: README.md beside.
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { WorkerLostError } from "../../contract/errors.ts";
import { taskIdPrefix } from "../../core/task-id.ts";
import type { ClaimsFrame, FrameFromWorker, FrameToWorker, RunFrame, SettledFrame } from "../pool/frames.ts";
import type { Link, LinkEvents, OpenLink, RunOffers, WorkerSettings } from "../pool/link.ts";
import { encodeFailure } from "../pool/passage.ts";
import { mapsSources } from "../pool/runtime-arguments.ts";
import { StderrTail } from "../pool/stderr-tail.ts";
import { explainSpawnFailure } from "./command.ts";
import { Inbox } from "./inbox.ts";
import { JournalReader } from "./journal.ts";
import { LongBytes } from "./long-bytes.ts";
import { Outbox } from "./outbox.ts";
import { PipeOffers } from "./pipe-offers.ts";
import { PipeReader, readText } from "./pipe-reader.ts";
import type { PipeWriter } from "./pipe-writer.ts";
import { DescriptorWriter, SocketWriter } from "./pipe-writer.ts";
import { setPriorityOf } from "./priority.ts";
import { stateOf } from "./process-state.ts";
import type { PumpedLink } from "./pump.ts";
import { enter, leave, pump } from "./pump.ts";
import { adopt, killGroup, killTree, release } from "./reaper.ts";
import type { FatalFrame, OpenFrame } from "./start.ts";
import { errorOf, linkFd } from "./start.ts";
import { startChild } from "./start-child.ts";
import { TokenOffers } from "./tokens.ts";
import type { Watched } from "./vigil.ts";
import { Vigil } from "./vigil.ts";

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

class ProcessLink implements Link, PumpedLink, Watched {
  readonly sharesMemory = false;
  readonly offers: RunOffers | undefined;
  readonly pump = process.platform === "win32" ? undefined : pump;
  readonly #settings: WorkerSettings;
  readonly #events: LinkEvents;
  readonly #child: ChildProcess | undefined;
  readonly #pipe: PipeReader | undefined;
  readonly #outputs: PipeReader[] = [];
  readonly #writer: PipeWriter | undefined;
  readonly #outbox: Outbox | undefined;
  readonly #tokens: TokenOffers | undefined;
  readonly #places: LongBytes | undefined;
  readonly #journal: JournalReader | undefined;
  readonly #vigil = new Vigil(this);
  readonly #inbox = new Inbox();
  readonly #stderrTail = new StderrTail();
  /** Runs that have been sent and neither answered nor taken back. */
  #underWay = 0;
  /** Answers to runs that were never sent. */
  readonly #refused: SettledFrame[] = [];
  #error: { readonly value: unknown } | undefined;
  /** Set once the system has reported the exit; then nothing is signalled any more. */
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the pipe ended, while this thread was blocked. */
  #partedAtMs: number | undefined;
  #killed = false;
  #ended = false;

  constructor(bootPath: string, settings: WorkerSettings, events: LinkEvents) {
    this.#settings = settings;
    this.#events = events;
    const { child, tokenFile, byteFiles, journalFile, error } = startChild(bootPath, settings);
    this.#child = child;
    if (error !== undefined) this.#error = error;
    if (child?.pid === undefined) {
      // Told at the next turn, or by the pump if this thread blocks first. Node's own word, where it has one, comes before.
      enter(this);
      child?.on("error", (thrown) => this.#startFailed(thrown));
      setImmediate(() => setImmediate(() => this.#end()));
      return;
    }
    // Errors of a child that runs are of signals to it, which may have ended meanwhile.
    child.on("error", () => {});
    adopt(child.pid);
    child.unref();
    child.on("exit", (code, signal) => this.#onExit(code, signal));
    child.on("close", () => this.#end());
    const pipe = child.stdio[linkFd] as Socket;
    this.#pipe = new PipeReader(pipe, (chunk) => this.#onChunk(chunk));
    pipe.on("end", () => this.#onPipeEnd());
    // A write to a child that has just died; its exit follows.
    pipe.on("error", () => this.#onPipeEnd());
    const { fd } = this.#pipe;
    this.#writer = fd === undefined ? new SocketWriter(pipe) : new DescriptorWriter(fd, false);
    this.#outbox = new Outbox(this.#writer, () => this.#layTokens());
    if (tokenFile !== undefined) this.#tokens = new TokenOffers(tokenFile, () => this.#outbox?.flushSoon());
    this.offers = this.#tokens && new PipeOffers(this.#tokens, this.#writer, () => this.#underWay--);
    if (byteFiles !== undefined)
      this.#outbox.places = this.#inbox.places = this.#places = new LongBytes(byteFiles.toChild, byteFiles.fromChild, byteFiles.most);
    if (journalFile !== undefined) this.#journal = new JournalReader(journalFile);
    for (const stream of ["stdout", "stderr"] as const) {
      this.#outputs.push(readText(child[stream] as Socket, (text) => this.#output(stream, text)));
    }
    enter(this);
    const { name, setup, teardown, memoryLimit, nice } = settings;
    const open: OpenFrame = {
      type: "open",
      name,
      taskIdPrefix: taskIdPrefix(),
      setup,
      teardown,
      memoryLimit,
      mapsSources: mapsSources(),
      sendsAhead: tokenFile !== undefined,
      placedBytes: byteFiles?.most,
      keepsJournal: journalFile !== undefined,
    };
    this.#write(open);
    const refused = nice === undefined ? undefined : setPriorityOf(child.pid, nice);
    if (refused !== undefined) this.#fail(refused);
  }

  #startFailed(thrown: unknown): void {
    this.#error = { value: explainSpawnFailure(thrown, this.#settings) };
    this.#end();
  }

  get workerId(): number | undefined {
    return this.#child?.pid;
  }

  send(frame: FrameToWorker): void {
    if (!this.#isOpen) return;
    if (frame.type !== "run") {
      this.#write(frame);
      return;
    }
    this.#underWay++;
    this.#vigil.begin();
    try {
      this.#outbox?.send(frame);
    } catch (error) {
      // Memory beside the bytes is brigade's mistake; too long is the caller's, and no fault of the child or of its other tasks.
      if (error instanceof RangeError) this.#refuse(frame, error);
      else this.#fail(error);
    }
  }

  kill(): void {
    if (this.#child === undefined || this.#exit !== undefined || this.#ended) return;
    this.#killed = true;
    killTree(this.#child);
  }

  distrust(error: unknown): void {
    this.#fail(error);
  }

  /** A child polls its pipe instead; there is no word that both could read. */
  raiseFlag(): void {
    return;
  }

  get #isOpen(): boolean {
    return this.#exit === undefined && !this.#ended;
  }

  // ---- what the vigil asks ----

  get pid(): number {
    return this.#child?.pid as number;
  }

  get hasWork(): boolean {
    return this.#underWay > 0 && this.#isOpen;
  }

  onSilent(): void {
    // What it has answered before it began something that takes long.
    const noted = this.#journal?.look(() => this.#pipe?.readNow());
    if (noted !== undefined && noted.byteLength > 0) this.#learn(noted);
    // Something is known to run: what was sent ahead is behind it.
    if (this.#tokens === undefined || this.#underWay > this.#tokens.open) return;
    this.#tokens.look();
    this.#events.onDrained?.();
  }

  onStopped(): void {
    const message = `${this.#settings.name} was stopped by a signal, did not go on, and was killed.`;
    this.#fail(new WorkerLostError(message, { worker: this.#settings.name, stderrTail: this.#stderrTail.toString() }));
  }

  // ---- frames ----

  #write(frame: { readonly type: string }): void {
    if (this.#outbox === undefined || !this.#isOpen) return;
    try {
      this.#outbox.send(frame);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A run that does not fit into a frame fails as if the child had answered it. */
  #refuse({ id, claim }: RunFrame, error: RangeError): void {
    if (claim !== undefined) this.#tokens?.revoke(claim);
    this.#refused.push({ type: "settled", id, state: "failed", runMs: 0, payload: encodeFailure(error, false) });
    setImmediate(() => this.#answerRefused());
  }

  #answerRefused(): boolean {
    const answers = this.#ended ? [] : this.#refused.splice(0);
    for (const answer of answers) {
      this.#underWay--;
      this.#events.onFrame(answer);
    }
    if (answers.length > 0) this.#events.onDrained?.();
    return answers.length > 0;
  }

  /** Before the frames of the runs, so that whoever has a run finds its token. */
  #layTokens(): void {
    if (this.#tokens === undefined) return;
    const { wakes, granted } = this.#tokens.write();
    if (!wakes && granted.length === 0) return;
    const frame: ClaimsFrame = { type: "claims", granted };
    this.#outbox?.add(frame);
  }

  #onChunk(chunk: Buffer): void {
    if (this.#ended) return;
    this.#vigil.heard();
    this.#learn(this.#journal?.arrived(chunk) ?? chunk);
  }

  /** The next bytes of the stream. */
  #learn(chunk: Buffer): void {
    this.#inbox.push(chunk);
    for (let frame = this.#inbox.next(); frame !== undefined && !this.#ended; frame = this.#inbox.next()) this.#onFrame(frame);
    if (this.#inbox.error !== undefined) this.#fail(this.#inbox.error);
    if (this.#places?.owes) this.#outbox?.flushSoon();
    if (!this.#ended) this.#events.onDrained?.();
  }

  #onFrame(frame: FrameFromWorker | FatalFrame): void {
    if (frame.type === "fatal") this.#error ??= { value: errorOf(frame, this.#settings.name) };
    else if (frame.type === "output") this.#output(frame.stream, frame.text);
    else {
      if (frame.type === "settled") this.#underWay--;
      this.#events.onFrame(frame);
    }
  }

  // ---- while this thread is blocked ----

  turn(): boolean {
    if (this.#ended) return false;
    const pid = this.#child?.pid;
    if (pid === undefined || this.#pipe === undefined) {
      this.#end();
      return true;
    }
    this.#outbox?.flush();
    this.#writer?.flushSync(0);
    let found = this.#answerRefused();
    found = this.#readNow() || found;
    this.#vigil.tend();
    if (this.#exit === undefined && (this.#killed || this.#pipe.isOver)) found = this.#reap(pid) || found;
    return found;
  }

  #readNow(): boolean {
    let found = this.#pipe?.readNow() ?? false;
    for (const output of this.#outputs) found = output.readNow() || found;
    return found;
  }

  /** The event loop would be told of the exit; here the system is asked. True when the child is gone. */
  #reap(pid: number): boolean {
    const now = performance.now();
    this.#partedAtMs ??= now;
    const state = stateOf(pid);
    const isGone = state === undefined ? this.#pipe?.isOver === true && now - this.#partedAtMs > lingerMs : state.condition === "dead";
    if (!isGone) {
      if (now - this.#partedAtMs > partedMs && !this.#killed) this.#fail(new RangeError(this.#partedMessage));
      return false;
    }
    while (this.#readNow());
    if (state?.exit === undefined && !this.#killed) {
      const message = `${this.#settings.name} ended while this thread was blocked, and the system does not say how.`;
      this.#error ??= { value: new WorkerLostError(message, { worker: this.#settings.name }) };
    }
    this.#gone(state?.exit?.code ?? null, state?.exit?.signal ?? (this.#killed ? "SIGKILL" : null));
    this.#end();
    return true;
  }

  // ---- ends ----

  get #partedMessage(): string {
    return `${this.#settings.name} closed its link and lived on.`;
  }

  #onPipeEnd(): void {
    if (this.#ended || this.#exit !== undefined) return;
    this.#timer ??= setTimeout(() => this.#fail(new RangeError(this.#partedMessage)), partedMs).unref();
  }

  #output(stream: "stdout" | "stderr", text: string): void {
    if (this.#ended) return;
    if (stream === "stderr") this.#stderrTail.append(text);
    this.#events.onOutput(stream, text);
  }

  /** The link cannot be relied on: whoever waits for a frame would wait for ever, so the child goes. */
  #fail(error: unknown): void {
    this.#error ??= { value: error };
    this.kill();
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    // Found out before, while this thread was blocked.
    if (this.#exit !== undefined) return;
    this.#gone(code, signal);
    clearTimeout(this.#timer);
    // Everything the child wrote is in the pipes by now. The immediate comes after a whole turn of reading them, however long
    // this thread was busy, so a full pipe is not mistaken for one that a grandchild holds.
    this.#timer = setTimeout(() => setImmediate(() => this.#end()), lingerMs).unref();
  }

  /** The system says that the child has ended. */
  #gone(code: number | null, signal: NodeJS.Signals | null): void {
    this.#exit = { code, signal };
    const pid = this.#child?.pid as number;
    release(pid);
    this.#writer?.close();
    // What a child that came to grief leaves in its group (not what it has detached) belongs to a task that is lost.
    if (process.platform !== "win32" && (this.#killed || code !== 0)) killGroup(pid);
  }

  #end(): void {
    if (this.#ended) return;
    // Which runs it had begun is certain now.
    this.#tokens?.finish();
    // What it has answered and not sent any more.
    if (this.#exit !== undefined && this.#journal !== undefined) this.#learn(this.#journal.last());
    this.#journal?.close();
    this.#places?.close();
    this.#events.onDrained?.();
    this.#ended = true;
    leave(this);
    clearTimeout(this.#timer);
    this.#vigil.end();
    this.#writer?.close();
    for (const stream of streamsOf(this.#child)) stream?.destroy();
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    if (this.#inbox.partial && !this.#killed && signal === null) {
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

/** None at all, whatever the types say, where there was no descriptor left for any. */
function streamsOf(child: ChildProcess | undefined): readonly (Socket | undefined)[] {
  const stdio = child?.stdio as ChildProcess["stdio"] | undefined;
  return stdio === undefined ? [] : ([stdio[linkFd], stdio[1], stdio[2]] as (Socket | undefined)[]);
}
