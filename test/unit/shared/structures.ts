// What the threads of the tests of rings, maps and cells do.
import { portable } from "brigade";
import type { AtomicCell, SharedEvent, SharedMap, SharedRing } from "brigade/shared";

export interface Job {
  readonly from: number;
  readonly number: number;
  readonly text: string;
}

const textOf = (number: number) => "x".repeat(number % 200);

/** Gives back what it was given: another face of the same memory. */
export const same = portable("same", <T>(value: T): T => value);

/** Sends so many jobs, in every form by turns. */
export const produce = portable("produce", async (ring: SharedRing<Job>, from: number, count: number) => {
  for (let number = 0; number < count; number++) {
    const job: Job = { from, number, text: textOf(number) };
    if (number % 3 === 0) ring.sendSync(job, 60_000);
    else if (number % 3 === 1) await ring.send(job);
    else if (!ring.trySend(job)) await ring.send(job);
  }
});

/** Receives until the end; what it got from each, in order, and whether all was whole. */
export const consume = portable("consume", async (ring: SharedRing<Job>, how: "sync" | "parked" | "iterated") => {
  const got: (readonly [from: number, number: number])[] = [];
  let whole = true;
  const take = (job: Job) => {
    got.push([job.from, job.number]);
    whole &&= job.text === textOf(job.number);
  };
  if (how === "sync") for (let job = ring.receiveSync(60_000); job !== undefined; job = ring.receiveSync(60_000)) take(job);
  else if (how === "parked") for (let job = await ring.receive(); job !== undefined; job = await ring.receive()) take(job);
  else for await (const job of ring) take(job);
  return { got, whole };
});

/** Answers each number with its double. */
export const double = portable("double", async (questions: SharedRing<number>, answers: SharedRing<number>) => {
  for await (const question of questions) await answers.send(2 * question);
  answers.close();
});

/** Keeps a slot and waits for ever. */
export const keepSlot = portable("keepSlot", async (ring: SharedRing<number>, kept: SharedEvent) => {
  await ring.reserve();
  kept.set();
  await new Promise(() => setInterval(() => {}, 1_000));
});

/** Sends, stores and updates as fast as it can, until it is killed. */
export const writeForEver = portable(
  "writeForEver",
  (ring: SharedRing<number[]>, map: SharedMap<number, number[]>, cell: AtomicCell<number[]>, started: SharedEvent) => {
    for (let round = 0; ; round++) {
      const value = Array<number>(20).fill(round);
      ring.sendSync(value);
      map.set(round % 5, value);
      map.delete((round + 2) % 5);
      cell.store(value);
      if (round === 5) started.set();
    }
  },
);

export const countInMap = portable("countInMap", (map: SharedMap<string, number>, keys: readonly string[], times: number) => {
  for (let time = 0; time < times; time++) for (const key of keys) map.update(key, (count) => (count ?? 0) + 1);
});

/** Puts and takes out keys of its own; says how often it found something else than it had put there. */
export const churn = portable("churn", (map: SharedMap<number, { owner: number; values: number[] }>, owner: number, times: number) => {
  let wrong = 0;
  for (let time = 0; time < times; time++) {
    const key = owner * 1_000 + (time % 17);
    const values = Array<number>(1 + (time % 20)).fill(time);
    map.set(key, { owner, values });
    const found = map.get(key);
    if (found?.owner !== owner || found.values.join() !== values.join()) wrong++;
    if (time % 3 === 0 && !map.delete(key)) wrong++;
    for (const [, { values: others }] of time % 50 === 0 ? map : []) if (new Set(others).size !== 1) wrong++;
  }
  for (let key = owner * 1_000; key < owner * 1_000 + 17; key++) map.delete(key);
  return wrong;
});

export const countInCell = portable("countInCell", (cell: AtomicCell<{ count: number; text: string }>, times: number) => {
  let torn = 0;
  for (let time = 0; time < times; time++) {
    cell.update(({ count }) => ({ count: count + 1, text: "y".repeat((count + 1) % 50) }));
    const { count, text } = cell.load();
    if (text.length !== count % 50) torn++;
  }
  return torn;
});
