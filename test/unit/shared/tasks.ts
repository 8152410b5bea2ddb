// What the threads of the shared-lock tests do.
import { portable, sleep } from "brigade";
import type {
  SharedArena,
  SharedBarrier,
  SharedCondition,
  SharedCounter,
  SharedEvent,
  SharedMutex,
  SharedOnce,
  SharedRWLock,
  SharedSemaphore,
  SharedStruct,
} from "brigade/shared";

type Words = Int32Array<SharedArrayBuffer>;
const bump = (words: Words, at = 0) => {
  words[at] = (words[at] ?? 0) + 1;
};

/** Plain increments, half of them blocking, half of them as tasks. */
export const countUnderMutex = portable("countUnderMutex", async (mutex: SharedMutex, words: Words, times: number) => {
  for (let time = 0; time < times; time++) {
    if (time % 2 === 0) mutex.withSync(() => bump(words));
    else await mutex.with(() => bump(words));
  }
});

/** Several tasks of one thread at once. */
export const countConcurrently = portable("countConcurrently", async (mutex: SharedMutex, words: Words, times: number) => {
  await Promise.all(
    Array.from({ length: times }, () =>
      mutex.with(async () => {
        const before = words[0] ?? 0;
        await null;
        words[0] = before + 1;
      }),
    ),
  );
});

export const withPermits = portable(
  "withPermits",
  async (semaphore: SharedSemaphore, permits: number, words: Words, most: number, times: number) => {
    for (let time = 0; time < times; time++) {
      const guard = time % 2 === 0 ? semaphore.acquireSync(30_000, { permits }) : await semaphore.acquire({ permits });
      if (Atomics.add(words, 0, permits) + permits > most) Atomics.store(words, 1, 1);
      Atomics.sub(words, 0, permits);
      guard.release();
    }
  },
);

export const readAndWrite = portable("readAndWrite", async (lock: SharedRWLock, words: Words, times: number) => {
  let torn = 0;
  for (let time = 0; time < times; time++) {
    if (time % 4 === 0) await lock.withWrite(() => [bump(words, 0), bump(words, 1)]);
    else if (time % 4 === 1) lock.withWriteSync(() => [bump(words, 0), bump(words, 1)]);
    else if (!lock.withReadSync(() => words[0] === words[1])) torn++;
  }
  return torn;
});

/** Takes a job each time there is one. */
export const consume = portable("consume", async (condition: SharedCondition, words: Words, blocking: boolean) => {
  const { mutex } = condition;
  const some = () => (words[0] ?? 0) > 0 || words[1] === 1;
  for (let taken = 0; ; taken++) {
    const guard = blocking ? mutex.acquireSync() : await mutex.acquire();
    try {
      if (blocking) condition.waitForSync(some);
      else await condition.waitFor(some);
      if ((words[0] ?? 0) === 0) return taken;
      words[0] = (words[0] ?? 0) - 1;
    } finally {
      guard.release();
    }
  }
});

export const meet = portable("meet", async (barrier: SharedBarrier, words: Words, rounds: number, blocking: boolean) => {
  const indexes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    Atomics.add(words, round, 1);
    indexes.push(blocking ? barrier.waitSync(30_000) : await barrier.wait());
    // Everybody has come, so everybody sees everybody.
    if (Atomics.load(words, round) !== barrier.parties) throw new Error(`round ${round} went on with ${words[round]} parties`);
  }
  return indexes;
});

export const initialise = portable("initialise", async (once: SharedOnce, words: Words, blocking: boolean) => {
  if (blocking) once.runSync(() => bump(words));
  else await once.run(async () => bump(words));
});

export const waitForEvent = portable("waitForEvent", async (event: SharedEvent, started: SharedEvent, blocking: boolean) => {
  started.set();
  if (blocking) event.waitSync(30_000);
  else await event.wait();
  return event.isSet;
});

/** Takes the lock and stays in it. */
export const holdMutex = portable("holdMutex", async (mutex: SharedMutex, held: SharedEvent) => {
  await mutex.acquire();
  held.set();
  await sleep(600_000);
});
export const holdPermit = portable("holdPermit", async (semaphore: SharedSemaphore, held: SharedEvent) => {
  await semaphore.acquire();
  held.set();
  for (;;);
});
export const exitInside = portable("exitInside", (mutex: SharedMutex, held: SharedEvent, go: SharedEvent) => {
  mutex.acquireSync();
  held.set();
  go.waitSync(30_000);
  process.exit(3);
});
export const waitAtBarrier = portable("waitAtBarrier", async (barrier: SharedBarrier, here: SharedEvent) => {
  const waiting = barrier.wait();
  here.set();
  await waiting;
});

/** One part of each kind, as one argument. */
export interface Parts {
  readonly arena: SharedArena;
  readonly mutex: SharedMutex;
  readonly counter: SharedCounter;
  readonly values: Float64Array;
  readonly record: SharedStruct<{ readonly hits: "u32"; readonly best: "f64" }>;
}
export const useParts = portable("useParts", async ({ arena, mutex, counter, values, record }: Parts, at: number) => {
  values[at] = at;
  for (let time = 0; time < 500; time++) {
    counter.add();
    mutex.withSync(() => {
      record.hits++;
      record.best = Math.max(record.best, at);
    });
  }
  return arena.counter(at);
});
