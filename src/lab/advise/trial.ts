// The trial, inside a fresh program: a few configurations opened side by side and run in turn, so that they meet the same weather, until
// the difference is clear or time is up. One program for all, where `compare` starts one for each run: a trial has to be quick, and is
// there to check a forecast.
import { type MeasureHost, type OpenedLevel, openLevel } from "../compare/measure.ts";
import type { Configuration } from "../compare/plan.ts";
import type { RunReport } from "../compare/protocol.ts";
import { isEnough } from "./enough.ts";
import type { TrialJob, TrialLane } from "./protocol.ts";

const warmCalls = 1000;
/** For all of them together: they warm up side by side. */
const warmMs = 150;
const aloneMs = 15;

/** A job whose inputs have been decoded. */
export type OpenedTrial = Omit<TrialJob, "inputs" | "kind" | "url"> & { readonly name: string; readonly inputs: readonly unknown[] };

interface Lane {
  readonly configuration: Configuration;
  readonly level: OpenedLevel | undefined;
  readonly reports: RunReport[];
  failure: string | undefined;
}

/** Runs the trial; results are held against the first run of the first configuration. Never rejects for a configuration that fails:
 *  its lane says so. */
export async function runTrial(host: MeasureHost, job: OpenedTrial): Promise<TrialLane[]> {
  const lanes: Lane[] = [];
  let reference: Buffer | undefined;
  try {
    // side by side: workers start and load the module at the same time
    lanes.push(...(await Promise.all(job.configurations.map((configuration) => open(host, job, configuration)))));
    const startedAt = performance.now();
    for (let round = 0; round < job.mostRounds; round++) {
      for (let place = 0; place < lanes.length; place++) {
        // every other round the other way round
        const lane = lanes[(round & 1) === 0 ? place : lanes.length - 1 - place];
        if (lane?.level === undefined || lane.failure !== undefined) continue;
        host.alive();
        try {
          const report = await lane.level.round({ reference, linesOf: undefined, aloneMs: round === 0 ? aloneMs : 0 });
          reference ??= Buffer.from(report.digests, "base64");
          lane.reports.push(report);
        } catch (error) {
          lane.failure = error instanceof Error ? error.message : String(error);
        }
      }
      const sound = lanes.filter(({ failure }) => failure === undefined);
      const samples = sound.map(({ reports }) => reports.map(({ wallMs }) => wallMs));
      if (isEnough(samples, round + 1, performance.now() - startedAt, job)) break;
    }
  } finally {
    await Promise.all(lanes.map((lane) => lane.level?.close()));
  }
  // where there are enough, the first one does not count: the compiler was still at work then, on each worker anew
  const cold = lanes.every(({ reports, failure }) => failure !== undefined || reports.length > job.fewestRounds) ? 1 : 0;
  // digests have done their work; the parting lines have not
  return lanes.map(({ configuration, reports, failure }) => ({
    configuration,
    reports: reports.slice(cold).map((report) => ({ ...report, digests: "" })),
    failure,
  }));
}

async function open(host: MeasureHost, job: OpenedTrial, configuration: Configuration): Promise<Lane> {
  try {
    const { name, inputs, timeoutMs } = job;
    const level = await openLevel(host, { ...configuration, name, inputs, timeoutMs, warmup: warmCalls }, warmMs);
    return { configuration, level, reports: [], failure: undefined };
  } catch (error) {
    return { configuration, level: undefined, reports: [], failure: error instanceof Error ? error.message : String(error) };
  }
}
