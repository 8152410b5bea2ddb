// Why, in plain words: what the function is, what decided, what forecast and trial said, and what to mind.
import { isLocal, isSameRow, words } from "../compare/plan.ts";
import { worthwhile } from "../compare/verdict.ts";
import type { Comparison } from "../report.ts";
import { duration, factor, grouped, memorySize } from "../text/units.ts";
import { noticeableMs, objection } from "./candidates.ts";
import type { MachineConstants } from "./constants.ts";
import type { Bound, Forecast } from "./cost-model.ts";
import type { Decision } from "./decide.ts";
import { fewestRounds, isPlain } from "./enough.ts";
import type { Profile } from "./profile.ts";

const longMs = 50;

/** Everything that is known when it comes to words. */
export interface Known {
  readonly profile: Profile;
  readonly machine: MachineConstants;
  readonly forecasts: readonly Forecast[];
  /** Over the inputs that were given. */
  readonly overInputs: readonly Forecast[];
  readonly decision: Decision | undefined;
  readonly evidence: Comparison;
}

/** Sentences, the most important first. */
export function reasonsFor(known: Known): string[] {
  const { profile } = known;
  return [
    failures(profile),
    recommendation(known),
    nature(profile),
    ...objections(known),
    ...poolAdvice(known),
    ...costs(known),
    ...doubts(known),
  ].filter((sentence) => sentence !== "");
}

function failures({ failed, sampled, failure }: Profile): string {
  if (failed === 0) return "";
  if (failed === sampled) return `Warning: every sample fails (${failure}); this is advice on how to fail.`;
  return `${failed} of ${sampled} samples fail (${failure}).`;
}

/** What a call is made of. */
function nature(profile: Profile): string {
  const { wallMs, cpuMs, poolMs, waitMs, longestSyncMs, isAsync } = profile;
  const call = `A call takes ${duration(wallMs)}`;
  if (!isAsync || cpuMs > 0.85 * wallMs) {
    const stands = longestSyncMs > noticeableMs ? `, in which nothing else runs on its thread` : "";
    return `${call}, ${isAsync ? "nearly all of it" : "all of it"} computing${stands}.`;
  }
  const parts = [
    `${duration(cpuMs)} computing on its own thread`,
    ...(poolMs > 0 ? [`${duration(poolMs)} of processor time on libuv's pool, which is parallel already`] : []),
    ...(waitMs > 0.05 * wallMs ? [`${duration(waitMs)} waiting`] : []),
  ];
  return `${call}: ${parts.join(", ")}.`;
}

const boundWords: Readonly<Record<Bound, string>> = {
  "one-at-a-time": "one call after the other",
  "this-thread": "the thread that sends and receives",
  workers: "the workers",
  pool: "the threads of libuv's pool",
  processors: "the processors",
  waiting: "the waiting itself",
  "longest-call": "the longest call",
};

/** What the forecast adds to a trial of fewer calls. */
function overAll({ overInputs, evidence, profile }: Known, decision: Decision): string {
  const chosen = overInputs.find((one) => isSameRow(one, decision));
  const [base] = overInputs;
  if (chosen === undefined || base === undefined || profile.inputs <= evidence.inputs || chosen.wallMs <= 0) return "";
  return `, and by forecast ${factor(base.wallMs / chosen.wallMs)}× over all ${grouped(profile.inputs)} inputs`;
}

function recommendation(known: Known): string {
  const { decision, evidence, forecasts, profile } = known;
  if (decision === undefined) return "Nothing could be measured, so nothing is recommended but the simplest.";
  const [simplest] = evidence.levels;
  const name = capital(words(decision));
  const others = evidence.levels.filter((row) => row !== simplest && row.failure === undefined);
  if (decision.because === "simplest") {
    const best = others.reduce<(typeof others)[number] | undefined>(
      (most, row) => (most === undefined || row.wallMs < most.wallMs ? row : most),
      undefined,
    );
    if (best === undefined || simplest === undefined) return `${name}: no other level comes into question.`;
    const speedup = best.wallMs > 0 ? simplest.wallMs / best.wallMs : 0;
    const doubt = speedup > worthwhile ? "but not in every round" : `and less than ${worthwhile}× is not worth a heavier level`;
    const verdict = speedup > 1 ? `took 1/${factor(speedup)} of the time, ${doubt}` : `took ${factor(1 / speedup)}× the time`;
    return `${name}, the simplest, ${decision.level === "serial" ? "is" : "are"} enough: in the trial ${words(best)} ${verdict}.`;
  }
  const { low, high } = decision.interval;
  const range = `${factor(decision.speedup)}× (${factor(low)}–${factor(high)}×)`;
  const bound = forecasts.find(({ level, size }) => level === decision.level && size === decision.size)?.bound;
  const limit = bound === undefined ? "" : `; what limits it is ${boundWords[bound]}`;
  if (decision.because === "faster")
    return `${name}: ${range} the speed of ${simplest === undefined ? "serial" : words(simplest)} in the trial${overAll(known, decision)}${limit}.`;
  return `${name}, although no faster to speak of (${range}): a call holds its thread for up to ${duration(profile.longestSyncMs)}, and on the main thread everything else would wait so long.`;
}

function objections({ profile, forecasts }: Known): string[] {
  const seen = new Set<string>();
  for (const { level } of forecasts) {
    const why = objection(profile, level);
    if (why !== undefined) seen.add(why);
  }
  const sentences = [...seen].map((why) => `It stays here because ${why}.`);
  const differs = profile.purity.kind === "same" ? profile.purity.differs : undefined;
  if (differs !== undefined)
    return [`Not on a ${differs.where}: its result is another one there (input ${differs.input}: ${differs.message}).`];
  if (profile.purity.kind === "varies")
    sentences.push("If its results are meant to vary, `compare` shows what the other levels would give.");
  return sentences;
}

function poolAdvice({ profile, machine, decision }: Known): string[] {
  const { poolMs, cpuMs } = profile;
  if (poolMs === 0 || poolMs < cpuMs || decision === undefined) return [];
  const idle = machine.poolThreads < machine.cores;
  return [
    `Its work is done by libuv's pool of ${machine.poolThreads} threads already${idle ? `; UV_THREADPOOL_SIZE=${machine.cores} would use all ${machine.cores} processors` : ""}.`,
  ];
}

function costs({ profile, machine, decision }: Known): string[] {
  if (decision === undefined || isLocal(decision.level)) return [];
  const charges = decision.level === "thread" ? machine.thread : machine.process;
  const coldMs = charges.startMs + profile.importMs;
  const savedMs = profile.wallMs * (1 - 1 / Math.max(1.001, decision.speedup));
  const pays =
    decision.speedup > 1.01
      ? `, so that a program pays for it once and gains from call ${grouped(Math.max(1, Math.ceil(coldMs / savedMs)))} on`
      : "";
  const sentences = [`A worker takes ${duration(coldMs)} to start with its module${pays}, and ${Math.round(charges.workerMB)} MB.`];
  const { travel } = profile;
  if (travel.possible) {
    const share = profile.wallMs > 0 ? (travel.hereMs + travel.thereMs) / profile.wallMs : 0;
    if (share > 0.1)
      sentences.push(
        `Coding its values (${memorySize(travel.bytesIn)} in, ${memorySize(travel.bytesOut)} out) takes ${Math.round(share * 100)} % of a call: smaller results would make it faster.`,
      );
  }
  if (decision.chunk > 1)
    sentences.push(`Calls are short for the way: \`map\` with chunk ${decision.chunk}, or its default, which finds out by itself.`);
  return sentences;
}

function doubts({ profile, evidence }: Known): string[] {
  const sentences: string[] = [];
  const rounds = evidence.detail?.rounds ?? 0;
  const sound = evidence.levels.filter((row) => row.failure === undefined);
  if (rounds > 0 && rounds < fewestRounds && !isPlain(sound.map((row) => row.samplesMs))) {
    const few = rounds === 1 ? "a single round" : `${rounds} rounds`;
    const why = profile.wallMs > longMs ? `a call takes ${duration(profile.wallMs)}` : "this machine is busy with other things";
    sentences.push(`There was time for ${few} of the trial, because ${why}: \`compare\` would be surer.`);
  }
  if (profile.purity.kind === "same" && profile.travel.possible && profile.purity.checked.length > 0)
    sentences.push(
      `Results were the same in another order and on a ${profile.purity.checked.join(" and a ")}; effects outside of results cannot be seen.`,
    );
  for (const row of evidence.levels)
    if (row.failure !== undefined) sentences.push(`${capital(words(row))} could not be tried: ${row.failure}.`);
  return sentences;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
