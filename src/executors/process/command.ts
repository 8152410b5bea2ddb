// How a child is started: runtime, flags, environment.
import type { SpawnOptions } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { UnsupportedError, WorkerLostError } from "../../contract/errors.ts";
import type { WorkerSettings } from "../pool/link.ts";
import { inheritedArguments, underPermissionModel } from "../pool/runtime-arguments.ts";
import { childEnvironment } from "./environment.ts";
import { permissionFlags } from "./permissions.ts";
import { shortageOf } from "./shortage.ts";

/** What `spawn` is to be given. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
}

/** The command for a worker whose entry is `bootPath`; it inherits the descriptors `files`, from `tokenFd` on. Throws `UnsupportedError` or `RangeError` for settings that this
 *  machine or runtime cannot honour. */
export function commandFor(bootPath: string, settings: WorkerSettings, files: readonly (number | undefined)[]): Command {
  const { memoryLimit, stackSize, permissions, env, cwd, cpus } = settings;
  const [file, ...before] = cpus === undefined ? [process.execPath] : [tasksetFor(cpus), "-c", cpus.join(","), process.execPath];
  return {
    file,
    args: [
      ...before,
      ...(underPermissionModel() ? process.execArgv : inheritedArguments(process.execArgv)),
      ...(memoryLimit === undefined ? [] : [`--max-old-space-size=${Math.max(1, Math.ceil(memoryLimit))}`]),
      ...(stackSize === undefined ? [] : [`--stack-size=${stackKilobytes(stackSize)}`]),
      ...(permissions === undefined ? [] : permissionFlags(permissions, bootPath)),
      bootPath,
    ],
    options: {
      ...(cwd === undefined ? {} : { cwd }),
      env: childEnvironment(env, permissions !== undefined),
      // Overlapped is what a duplex pipe needs on Windows; elsewhere it means "pipe".
      stdio: [
        "ignore",
        "pipe",
        "pipe",
        "overlapped",
        ...(files.some((file) => file !== undefined) ? files.map((file) => file ?? "ignore") : []),
      ],
      // A group of its own on POSIX: Ctrl-C reaches only this program, and a kill takes grandchildren along. On Windows it
      // would open a console window and buy nothing.
      detached: process.platform !== "win32",
      windowsHide: true,
    },
  };
}

/** Node cannot bind a process to processors, and the tool that can becomes the process that it starts. */
function tasksetFor(cpus: readonly number[]): string {
  if (process.platform === "linux") {
    for (const folder of ["/usr/bin", "/bin", ...(process.env["PATH"] ?? "").split(delimiter)]) {
      const path = join(folder, "taskset");
      if (isAbsolute(path) && existsSync(path)) return path;
    }
  }
  throw new UnsupportedError(
    `cpus: workers cannot be bound to the processors ${cpus.join(", ")} here, which takes Linux and the program taskset (util-linux). Leave the option out.`,
    "cpus",
  );
}

/** Megabytes to V8's kilobytes. V8 believes any figure, and one above the real stack ends in a segmentation fault instead of
 *  a RangeError, so what the operating system gives the main thread is the bound, less a megabyte for native code. */
function stackKilobytes(megabytes: number): number {
  const limitMegabytes = stackLimitMegabytes();
  if (!(megabytes > 0)) throw new RangeError(`stackSize must be a positive number of megabytes, got ${megabytes}.`);
  if (megabytes > limitMegabytes - 1) {
    throw new UnsupportedError(
      `stackSize: ${megabytes} MB is more than a process can safely have here (${limitMegabytes - 1} MB: the system's stack limit less 1 MB). Raise the limit (ulimit -s) or use threads, whose stacks are allocated to measure.`,
      "stackSize",
    );
  }
  return Math.max(64, Math.floor(megabytes * 1024));
}

function stackLimitMegabytes(): number {
  // 1 MB is what a Windows program has unless linked otherwise; macOS gives 8 MB.
  if (process.platform === "win32") return 2;
  if (process.platform !== "linux") return 8;
  try {
    const soft = /^Max stack size\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return soft === "unlimited" ? 64 : Math.floor(Number(soft) / 2 ** 20) || 8;
  } catch {
    return 8;
  }
}

/** Says what was wrong when a child could not be started: the operating system reports a missing directory as if the program
 *  were missing. */
export function explainSpawnFailure(error: unknown, { name, cwd }: WorkerSettings): unknown {
  if (cwd !== undefined && !isDirectory(cwd)) {
    return new RangeError(`cwd: ${JSON.stringify(cwd)} is no directory that this program can enter.`, { cause: error });
  }
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOENT")
    return new UnsupportedError(`A process cannot be started: the runtime ${process.execPath} is gone.`, "processes", { cause: error });
  const shortage = shortageOf(error);
  if (shortage !== undefined) return new WorkerLostError(`A process cannot be started: ${shortage}.`, { worker: name }, { cause: error });
  return error;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
