// What the children of the tests of memory between processes do.
import { readdirSync, readlinkSync } from "node:fs";
import { checkpointSync, portable } from "brigade";
import type {
  SharedArena,
  SharedBarrier,
  SharedCounter,
  SharedEvent,
  SharedMap,
  SharedMutex,
  SharedRing,
  SharedSemaphore,
} from "brigade/shared";

export const add = portable("add", (counter: SharedCounter, times: number) => {
  for (let time = 0; time < times; time++) counter.add();
});

/** Plain increments, which lose updates without the lock. */
export const countUnderMutex = portable("countUnderMutex", async (mutex: SharedMutex, array: Float64Array, times: number) => {
  for (let time = 0; time < times; time++) {
    const bump = () => {
      array[0] = (array[0] as number) + 1;
    };
    if (time % 40 === 0) await mutex.with(bump);
    else mutex.withSync(bump);
  }
});

export const fill = portable("fill", (array: Float64Array, value: number) => {
  array.fill(value);
  return array.length;
});

/** Moves money between two accounts for ever; the sum is right whenever the mutex is free. */
export const transfer = portable("transfer", (mutex: SharedMutex, accounts: Float64Array, moves: SharedCounter) => {
  for (;;) {
    checkpointSync();
    mutex.withSync(() => {
      accounts[0] = (accounts[0] as number) - 1;
      moves.add();
      accounts[1] = (accounts[1] as number) + 1;
    });
  }
});

export const dieWithMutex = portable("dieWithMutex", (mutex: SharedMutex) => {
  mutex.acquireSync();
  process.kill(process.pid, "SIGKILL");
  for (;;) checkpointSync();
});

export const dieWithPermits = portable("dieWithPermits", (semaphore: SharedSemaphore) => {
  semaphore.acquireSync(undefined, { permits: 2 });
  process.kill(process.pid, "SIGKILL");
  for (;;) checkpointSync();
});

export const meet = portable("meet", (barrier: SharedBarrier, rounds: number) => {
  const indexes: number[] = [];
  for (let round = 0; round < rounds; round++) indexes.push(barrier.waitSync());
  return indexes;
});

export const waitFor = portable("waitFor", (event: SharedEvent) => {
  event.waitSync(20_000);
  return process.pid;
});

export const echoRing = portable("echoRing", async (questions: SharedRing<number>, answers: SharedRing<number>) => {
  for await (const question of questions) await answers.send(question * 2);
  answers.close();
});

export const countInMap = portable("countInMap", (map: SharedMap<string, number>, key: string, times: number) => {
  for (let time = 0; time < times; time++) map.update(key, (value = 0) => value + 1);
});

/** A part that a child takes, for the others to see. */
export const takePart = portable("takePart", (arena: SharedArena) => {
  const counter = arena.counter(41);
  counter.add();
  return counter;
});

/** Descriptors of segments that this process has open. */
export const openSegments = portable("openSegments", () => segmentsHere());

export function segmentsHere(): number {
  return readdirSync("/proc/self/fd").filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).includes("memfd:brigade");
    } catch {
      return false;
    }
  }).length;
}
