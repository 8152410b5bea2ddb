// A measuring program seen from the program that wants the figures: started fresh for one job, watched, and gone in every case — when it
// answered, crashed, went silent, or was no longer wanted. Its stdout is dropped: the function under test may print.
import { type ChildProcess, spawn } from "node:child_process";
import { env, execPath, platform } from "node:process";
import { serialize } from "node:v8";
import { CancelledError } from "../../contract/errors.ts";
import { lastWords, runtimeBroke } from "./last-words.ts";
import { isMessage, type Message } from "./protocol.ts";

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
  /** A program, with its arguments, that is to become the runtime, such as one that binds it to a processor. */
  readonly before?: readonly string[] | undefined;
  /** Variables of this environment that it is not to have. */
  readonly withheld?: readonly string[] | undefined;
}

/** How to watch one. Times in ms. */
export interface Watch {
  readonly signal?: AbortSignal | undefined;
  /** Silence allowed once it has spoken; absent: any. */
  readonly silenceMs?: number | undefined;
  /** Silence allowed before its first word; absent: any. */
  readonly startMs?: number | undefined;
  /** Called before its silence is timed anew. */
  onAlive?(done: number): void;
}

/** How a program ended without an answer: by itself, killed for its silence, or it never began. */
export interface ProgramEnd {
  readonly how: "died" | "silent" | "unstarted";
  /** Such as `SIGABRT` or `exit code 7`. */
  readonly status: string;
  /** A check of the runtime itself failed. */
  readonly broke: boolean;
}

/** The last message of a program, or why there is none. */
export type Answer<M = Message> = { readonly message: M } | { readonly failure: string; readonly end: ProgramEnd };

/** The end of what it says; long enough for the reason of a crash and the native stack after it, whose names of C++ are long. */
const stderrKept = 16_384;
const lingerMs = 500;

/** Starts a program, gives it the job and resolves with its answer once it is gone. One that ended because a check of the runtime itself
 *  failed is started once more: its compiler reads on another thread what the program changes, and on older versions that goes wrong
 *  now and then (nodejs/node#66126), which says nothing of the job. Rejects only with `CancelledError`, when the signal was
 *  aborted; the program is gone then too. */
export async function runProgram<M extends { readonly type: string } = Message>(
  job: object,
  settings: ProgramSettings,
  watch: Watch,
): Promise<Answer<M>> {
  if (watch.signal?.aborted) throw new CancelledError("The measurement was cancelled.", { cause: watch.signal.reason });
  // the environment variable that moves a whole program to one level would make every level the same
  const { BRIGADE_LEVEL: _, ...inherited } = env;
  const bytes = serialize(job);
  const first = await converse(begin(settings, inherited), bytes, settings.guard, watch);
  const broke = "end" in first && first.end.broke;
  // what it says is its protocol's, and both ends of that are of one package
  return (broke ? await converse(begin(settings, inherited), bytes, settings.guard, watch) : first) as Answer<M>;
}

function begin(settings: ProgramSettings, inherited: NodeJS.ProcessEnv): ChildProcess {
  const [file = execPath, ...args] = [...(settings.before ?? []), execPath, ...settings.execArgv, settings.entry];
  return spawn(file, args, {
    stdio: ["pipe", "ignore", "pipe", "ipc"],
    env: Object.fromEntries(Object.entries(inherited).filter(([name]) => !settings.withheld?.includes(name))),
    windowsHide: true,
    // a group of its own, so that one kill reaches what it started; Windows has no groups
    detached: platform !== "win32",
  });
}

function converse(child: ChildProcess, job: Uint8Array, guard: ProgramGuard, watch: Watch): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: Message | undefined;
    let verdict: string | undefined;
    let how: ProgramEnd["how"] = "died";
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
        how = "silent";
        stop();
      }, ms);
    };
    expect(watch.startMs);

    child.on("message", (message: unknown) => {
      if (!isMessage(message)) return;
      if (message.type === "alive") {
        if (message.done !== undefined) watch.onAlive?.(message.done);
        expect(watch.silenceMs);
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
      how = "unstarted";
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
      const status = signal ?? `exit code ${code}`;
      if (watch.signal?.aborted) reject(new CancelledError("The measurement was cancelled.", { cause: watch.signal.reason }));
      else if (answer !== undefined) resolve({ message: answer });
      else {
        const end = { how, status, broke: how === "died" && runtimeBroke(stderr) };
        resolve({ failure: verdict ?? `the program ended without a result (${status})${lastWords(stderr)}`, end });
      }
    });
    child.stdin?.end(job);
  });
}
