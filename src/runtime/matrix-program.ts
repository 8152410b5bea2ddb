// The program of one experiment of the matrix: it reads a job from stdin, does it, says what it saw over the IPC channel, and ends. Started
// with `port` it is the far side of that channel instead, a bare process that answers messages.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Channel } from "../channels/channel.ts";
import type { Executor } from "../contract/executor.ts";
import { portAnswer } from "../lab/matrix/answers/port.ts";
import { experimentNamed } from "../lab/matrix/catalog.ts";
import type { MatrixHost, MatrixLevel, UnitTasks } from "../lab/matrix/experiment.ts";
import type { MatrixJob, MatrixMessage } from "../lab/matrix/protocol.ts";
import { SharedArena } from "../sync/shared/arena.ts";
import { moduleFunctions } from "../wire/module-functions.ts";
import { openCoroutines, openProcesses, openThreads } from "./index.ts";
import { answerJob } from "./job.ts";
import * as localTasks from "./matrix-tasks.ts";
import "./shared-values.ts";

type TasksModule = typeof import("./matrix-tasks.ts");

/** Words of two flags, and what the arena itself needs. */
const flagBytes = 1024;

/** Resolves when the message has left: what comes next may end this program. */
function tell(message: MatrixMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

function farTasks(): UnitTasks {
  const file = import.meta.url.endsWith(".ts") ? "./matrix-tasks.ts" : "./matrix-tasks.js";
  return moduleFunctions<TasksModule>(new URL(file, import.meta.url));
}

function open(level: MatrixLevel, size: number, memoryMB: number | undefined): Executor {
  const limit = memoryMB === undefined ? {} : { memoryLimit: memoryMB };
  if (level === "coroutine") return openCoroutines({ size });
  if (level === "thread") return openThreads({ size, stdio: "ignore", ...limit });
  return openProcesses({ size, stdio: "ignore", ...limit });
}

function hostFor({ level, timeMs, quick, folder }: MatrixJob): MatrixHost {
  return {
    open: ({ size = 1, memoryMB } = {}) => open(level, size, memoryMB),
    // coroutines take plain functions; the type cannot know which level this is
    tasks: level === "coroutine" ? (localTasks as unknown as UnitTasks) : farTasks(),
    channel: (capacity) => new Channel(capacity),
    shareGround(bytes) {
      const arena = SharedArena.create(bytes + flagBytes, { scope: level === "process" ? "processes" : "threads" });
      return { bytes: arena.array(Uint8Array, bytes), there: arena.event(), back: arena.event() };
    },
    announceDanger: () => tell({ type: "alive", done: 1 }),
    folder,
    forkPort,
    timeMs,
    quick,
  };
}

function forkPort(): ChildProcess {
  return fork(fileURLToPath(import.meta.url), ["port"], { serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"] });
}

function serveMessages(): void {
  const answer = portAnswer();
  process.on("message", (message) => {
    const reply = answer(message);
    if (reply !== undefined) process.send?.(reply);
  });
}

async function work(job: MatrixJob): Promise<MatrixMessage> {
  try {
    const experiment = experimentNamed(job.experiment);
    if (experiment === undefined) throw new RangeError(`There is no experiment "${job.experiment}".`);
    await tell({ type: "alive" });
    return { type: "observed", observation: await experiment.run(job.level, hostFor(job)) };
  } catch (error) {
    // Shown as the reason why a value is missing: without the name of its class.
    return { type: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

if (process.argv[2] === "port") {
  // The parent is gone: nobody asks any more.
  process.on("disconnect", () => process.exit(1));
  serveMessages();
} else await answerJob(work);
