// A measuring program seen from the comparing one: started fresh for one job, watched, and gone in every case — when it
// answered, crashed, went silent, or was no longer wanted. Its stdout is dropped: the function under test may print.
import { type ChildProcess, spawn } from "node:child_process";
import { env, execPath, platform } from "node:process";
import { serialize } from "node:v8";
import { CancelledError } from "../../contract/errors.ts";
import { isMessage, type Job, type Message } from "./protocol.ts";

/** Sees to it that no measuring program outlives this one, even killed without a word; lent by the floor above. */
export interface ProgramGuard {
  /** The program of this process group lives. */
  adopt(pid: number): void;
  /** It has ended. */
  release(pid: number): void;
  /** Kills it and what it started. Never throws. */
  kill(child: ChildProcess): void;
}

/** How measuring programs are started. */
export interface ProgramSettings {
  readonly guard: ProgramGuard;
  /** File that runs one job. */
  readonly entry: string;
  /** Flags of the runtime, such as a TypeScript loader. */
  readonly execArgv: readonly string[];
}

/** How to watch one. Times in ms. */
export interface Watch {
  readonly signal?: AbortSignal | undefined;
  /** Silence allowed once it has spoken; absent: any. */
  readonly silenceMs?: number | undefined;
  /** Silence allowed before its first word; absent: any. */
  readonly startMs?: number | undefined;
  onAlive?(done: number): void;
}

/** The last message of a program, or why there is none. */
export type Answer = { readonly message: Message } | { readonly failure: string };

const stderrKept = 4096;
const lingerMs = 500;

/** Starts a program, gives it the job and resolves with its answer once it is gone. Rejects only with `CancelledError`, when
 *  the signal was aborted; the program is gone then too. */
export async function runProgram(job: Job, settings: ProgramSettings, watch: Watch): Promise<Answer> {
  if (watch.signal?.aborted) throw new CancelledError("The comparison was cancelled.", { cause: watch.signal.reason });
  // the environment variable that moves a whole program to one level would make every level the same
  const { BRIGADE_LEVEL: _, ...inherited } = env;
  const bytes = serialize(job);
  const child = spawn(execPath, [...settings.execArgv, settings.entry], {
    stdio: ["pipe", "ignore", "pipe", "ipc"],
    env: inherited,
    windowsHide: true,
    // a group of its own, so that one kill reaches what it started; Windows has no groups
    detached: platform !== "win32",
  });
  return await converse(child, bytes, settings.guard, watch);
}

function converse(child: ChildProcess, job: Uint8Array, guard: ProgramGuard, watch: Watch): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: Message | undefined;
    let verdict: string | undefined;
    let stderr = "";
    let silence: NodeJS.Timeout | undefined;

    const { pid } = child;
    if (pid !== undefined) guard.adopt(pid);
    const stop = () => guard.kill(child);
    const expect = (ms: number | undefined) => {
      clearTimeout(silence);
      if (ms === undefined) return;
      silence = setTimeout(() => {
        verdict = `stopped: no sign of life for ${Math.round(ms)} ms; code that never lets go cannot be interrupted on this level`;
        stop();
      }, ms);
    };
    expect(watch.startMs);

    child.on("message", (message: unknown) => {
      if (!isMessage(message)) return;
      if (message.type === "alive") {
        expect(watch.silenceMs);
        if (message.done !== undefined) watch.onAlive?.(message.done);
        return;
      }
      answer = message;
      // it has nothing more to say, but what it measured may still hold its event loop (a timer, a socket of the module)
      stop();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-stderrKept);
    });
    child.on("error", (error) => {
      verdict ??= `could not be started: ${error.message}`;
    });
    // a program that dies before it has read its job closes the pipe; its exit tells more than EPIPE does
    child.stdin?.on("error", () => {});

    watch.signal?.addEventListener("abort", stop, { once: true });
    child.on("exit", () => {
      clearTimeout(silence);
      // the leader is gone; what it started may not be, and could hold our end of stderr open
      guard.kill(child);
      if (pid !== undefined) guard.release(pid);
      setTimeout(() => child.stderr?.destroy(), lingerMs).unref();
    });
    child.on("close", (code, signal) => {
      clearTimeout(silence);
      watch.signal?.removeEventListener("abort", stop);
      if (watch.signal?.aborted) reject(new CancelledError("The comparison was cancelled.", { cause: watch.signal.reason }));
      else if (answer !== undefined) resolve({ message: answer });
      else resolve({ failure: verdict ?? `the program ended without a result (${signal ?? `exit code ${code}`})${tail(stderr)}` });
    });
    child.stdin?.end(job);
  });
}

/** The last lines of stderr that say something. */
function tail(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !/^\s+at |^Node\.js v/.test(line));
  return lines.length === 0 ? "" : `: ${lines.slice(-3).join(" · ").trim()}`;
}
