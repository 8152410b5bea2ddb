// Profiles, machines and rows made up for tests.
import type { MachineConstants } from "../../../../src/lab/advise/constants.ts";
import type { Profile } from "../../../../src/lab/advise/profile.ts";

/** A machine of `cores` on which nothing costs much. */
export function madeMachine(cores = 4, more: Partial<MachineConstants> = {}): MachineConstants {
  return {
    serialMs: 0.001,
    coroutineMs: 0.001,
    thread: { startMs: 30, hereMs: 0.002, thereMs: 0.002, aloneMs: 0.05, megabyteMs: 0.5, workerMB: 10 },
    process: { startMs: 60, hereMs: 0.004, thereMs: 0.004, aloneMs: 0.1, megabyteMs: 2, workerMB: 45 },
    scaling: { contention: 0.02, coherence: 0 },
    cores,
    poolThreads: 4,
    memoryMB: 4000,
    ...more,
  };
}

/** A function that computes for `wallMs`, as if it were not asynchronous. */
export function madeProfile(wallMs: number, more: Partial<Profile> = {}): Profile {
  return {
    inputs: 100,
    sampled: 100,
    calls: 200,
    isAsync: false,
    wallMs,
    wallInterval: { low: wallMs * 0.9, high: wallMs * 1.1 },
    longestMs: wallMs,
    firstMs: wallMs * 2,
    cpuMs: wallMs,
    poolMs: 0,
    helperMs: 0,
    waitMs: 0,
    longestSyncMs: wallMs,
    together: undefined,
    heapMB: 10,
    travel: { possible: true, bytesIn: 20, bytesOut: 20, hereMs: 0.001, thereMs: 0.001 },
    importMs: 5,
    purity: { kind: "same", checked: ["thread"], differs: undefined },
    failed: 0,
    failure: undefined,
    ...more,
  };
}

/** A function that waits for `wallMs`; any number of calls overlap. */
export function madeWaiting(wallMs: number): Profile {
  return madeProfile(wallMs, {
    isAsync: true,
    cpuMs: 0.01,
    waitMs: wallMs,
    longestSyncMs: 0.01,
    together: {
      points: [
        { calls: 8, wallMs: wallMs + 0.1 },
        { calls: 16, wallMs: wallMs + 0.2 },
      ],
      cpuMs: 0.01,
    },
  });
}

/** A function that libuv's pool computes for; `threads` at once. */
export function madePooled(wallMs: number, threads: number): Profile {
  return madeProfile(wallMs, {
    isAsync: true,
    cpuMs: 0.05,
    poolMs: wallMs,
    waitMs: 0,
    longestSyncMs: 0.05,
    together: {
      points: [
        { calls: 8, wallMs: (8 * wallMs) / threads },
        { calls: 16, wallMs: (16 * wallMs) / threads },
      ],
      cpuMs: 0.05,
    },
  });
}
