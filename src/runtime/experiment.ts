// The program of an experiment: a fresh process tries one statement, or a part of that, says what it measured, and ends.
import { availableParallelism } from "node:os";
import { experiments } from "../lab/claims/all.ts";
import type { CommonGround, Kit, ProgramEnd } from "../lab/claims/kit.ts";
import type { ExperimentJob, ExperimentMessage } from "../lab/claims/protocol.ts";
import { runProgram } from "../lab/compare/program.ts";
import { Channel, coroutines, Mutex, openProcesses, openThreads, processes, serial, threads, UnsupportedError } from "./index.ts";
import { answerJob } from "./job.ts";
import { experimentProgram } from "./lab.ts";
import { watch } from "./observe.ts";
import { SharedArena, SharedBarrier, SharedMutex } from "./shared.ts";

const counterBytes = 1024;
/** For the two flags, and the borders between parts. */
const groundBytes = 8192;

function kitFor(job: ExperimentJob): Kit {
  return {
    serial,
    coroutines,
    threads,
    processes,
    cores: availableParallelism(),
    openThreads: (options) => openThreads({ stdio: "ignore", ...options }),
    openProcesses: (options) => openProcesses({ stdio: "ignore", ...options }),
    newChannel: (capacity) => new Channel(capacity),
    newMutex: (options) => new Mutex(options),
    newSharedMutex: (options) => new SharedMutex(options),
    newMeetingPoint: (parties) => new SharedBarrier(parties),
    newCounter: () => SharedArena.create(counterBytes).counter(),
    memoryBetweenThreads: (bytes) => groundIn(SharedArena.create(bytes + groundBytes), bytes),
    memoryBetweenProcesses,
    watch: (signal) => watch({ signal, blockedLoopMs: 0, lockHeldMs: 0 }),
    program: (part, options) => runPart({ ...job, part }, options?.silenceMs),
  };
}

function groundIn(arena: SharedArena, bytes: number): CommonGround {
  return { there: arena.event(), back: arena.event(), bytes: arena.array(Uint8Array, bytes) };
}

function memoryBetweenProcesses(bytes: number): CommonGround | undefined {
  try {
    return groundIn(SharedArena.create(bytes + groundBytes, { scope: "processes" }), bytes);
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}

async function runPart(job: ExperimentJob, silenceMs: number | undefined): Promise<ProgramEnd> {
  const answer = await runProgram<ExperimentMessage>(job, experimentProgram(), { startMs: silenceMs });
  if ("failure" in answer) return { failure: answer.failure, status: answer.end.status };
  if (answer.message.type === "measured") return { measured: answer.message.measured };
  return { failure: answer.message.message, status: "failed" };
}

await answerJob<ExperimentJob, ExperimentMessage>(async (job) => {
  const experiment = experiments.find(({ id }) => id === job.id);
  const run = job.part === undefined ? experiment?.run : experiment?.parts?.[job.part];
  if (run === undefined) return { type: "failed", message: `There is no experiment ${job.id}${job.part ? `, part ${job.part}` : ""}.` };
  return { type: "measured", measured: await run(kitFor(job), job.variant) };
});
