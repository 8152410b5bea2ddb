// A thread dies at every single write to shared memory, in every step of a queue: what is left is repaired by the next one that comes, no
// value is lost or doubled but those that the dead one had in its hands, and nobody who waits is forgotten.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { currentAtomics, exchangeAtomics } from "../../../src/memory/atomics.ts";
import { Choices } from "../../../src/memory/choices.ts";
import { Obituary } from "../../../src/memory/obituary.ts";
import { asking, DONE } from "../../../src/memory/queue-asking.ts";
import { SharedQueue } from "../../../src/memory/shared-queue.ts";

class Died extends Error {}

/** Words of which the one who writes dies at the n-th write, plain or atomic. */
class MortalWords {
  readonly proxy: Int32Array<SharedArrayBuffer>;
  left = Number.POSITIVE_INFINITY;
  readonly #real: Int32Array<SharedArrayBuffer>;

  constructor(real: Int32Array<SharedArrayBuffer>) {
    this.#real = real;
    this.proxy = new Proxy(real, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set: (target, key, value) => {
        this.#write();
        return Reflect.set(target, key, value, target);
      },
    });
  }

  #write(): void {
    if (this.left-- <= 0) throw new Died();
  }

  /** Somebody else takes a step meanwhile. */
  aside(step: () => void): void {
    const { left } = this;
    this.left = Number.POSITIVE_INFINITY;
    step();
    this.left = left;
  }

  /** An `Atomics` that knows the words. */
  table(): typeof Atomics {
    const real = currentAtomics();
    return new Proxy(real, {
      get: (_, name) => {
        const fn = Reflect.get(real, name) as (...values: unknown[]) => unknown;
        return (view: unknown, ...values: unknown[]) => {
          const mine = view === this.proxy || view === this.#real;
          if (mine && !["load", "notify", "wait", "waitAsync"].includes(String(name))) this.#write();
          return fn.call(real, mine ? this.#real : view, ...values);
        };
      },
    }) as typeof Atomics;
  }
}

const value = (n: number) => ({ bytes: new Uint8Array([n]), attachment: n, thread: 0 });
const living = 1;
const mortal = 2;
const choice = 5;

class World {
  readonly buffer = new SharedArrayBuffer(16_384);
  readonly obituary = new Obituary(new Int32Array(new SharedArrayBuffer(64)));
  readonly choices = new Choices(new Int32Array(new SharedArrayBuffer(64)));
  readonly queue = this.open(living);
  /** Places of the living one. */
  readonly receiving: number[] = [];
  readonly sending: number[] = [];

  constructor(capacity: number) {
    this.queue.lay(capacity, 0, 0, false);
    this.queue.attach();
  }

  open(me: number): SharedQueue {
    return new SharedQueue(this.buffer, me, this.obituary, this.choices, 1);
  }
}

interface Scene {
  readonly name: string;
  readonly capacity: number;
  /** What the living one has done before; returns the values that are in the queue, or wait to get in. */
  readonly before: (world: World) => readonly number[];
  readonly dying: (queue: SharedQueue, world: World, words: MortalWords) => void;
  /** Values that the dying one brings: they may arrive or not. */
  readonly brings?: readonly number[];
  /** Values that the dying one may have taken with it. */
  readonly takes?: number;
}

const send = (n: number) => (queue: SharedQueue) => void queue.send(value(n), asking, true);
const receive = (queue: SharedQueue) => {
  const place = queue.receive(asking, true);
  if (place > 0 && !queue.waits(place)) queue.finish(place);
};
const fill =
  (...values: number[]) =>
  ({ queue, sending }: World) => {
    for (const n of values) {
      const place = queue.send(value(n), asking, true);
      if (place > 0) sending.push(place);
    }
    return values;
  };
const stand =
  (count: number) =>
  ({ queue, receiving }: World) => {
    for (let n = 0; n < count; n++) receiving.push(queue.receive(asking, true));
    return [];
  };
/** A select of the living one stands in line, open. */
const select =
  (sends: boolean) =>
  ({ queue, choices, receiving, sending }: World) => {
    const who = { ...asking, choice, which: 1 };
    choices.hold(choice);
    if (sends) sending.push(queue.offer(value(9), who));
    else receiving.push(queue.await(who));
    choices.open(choice);
    return sends ? [9] : [];
  };

const scenes: readonly Scene[] = [
  { name: "sends into the buffer", capacity: 2, before: fill(1), dying: send(7), brings: [7] },
  { name: "stands in line to send", capacity: 1, before: fill(1, 2), dying: send(7), brings: [7] },
  { name: "hands over to one in line", capacity: 1, before: stand(2), dying: send(7), brings: [7] },
  { name: "hands over at capacity 0", capacity: 0, before: stand(1), dying: send(7), brings: [7] },
  { name: "hands over to a select", capacity: 0, before: select(false), dying: send(7), brings: [7] },
  { name: "receives, and admits one in line", capacity: 1, before: fill(1, 2, 3), dying: receive, takes: 1 },
  { name: "receives from the hands of a sender", capacity: 0, before: fill(1, 2), dying: receive, takes: 1 },
  { name: "receives from a select", capacity: 0, before: select(true), dying: receive, takes: 1 },
  { name: "stands in line to receive", capacity: 1, before: stand(1), dying: receive },
  {
    name: "stands in line, is served, and looks",
    capacity: 1,
    before: () => [],
    dying: (queue, world, words) => {
      const place = queue.receive(asking, true);
      words.aside(() => void world.queue.send(value(4), asking, false));
      queue.finish(place);
    },
    brings: [4],
  },
  {
    name: "leaves the line",
    capacity: 1,
    before: fill(1, 2),
    dying: (queue) => void queue.finish(queue.send(value(7), asking, true)),
    brings: [7],
  },
  { name: "closes", capacity: 1, before: fill(1, 2), dying: (queue) => void queue.close(value(0)), takes: 1 },
  { name: "closes on receivers", capacity: 1, before: stand(2), dying: (queue) => void queue.close(undefined) },
  {
    name: "opens and closes ends",
    capacity: 1,
    before: fill(1),
    dying: (queue) => {
      const { end, endTicket } = queue.openEnd(true);
      queue.closeEnd(end, endTicket, value(0));
    },
  },
  {
    name: "reserves and sends",
    capacity: 1,
    before: stand(1),
    dying: (queue) => void queue.fill(queue.reserve(asking), value(7), asking),
    brings: [7],
  },
  {
    name: "buries another, which waited, had been given something, and had an end",
    capacity: 2,
    before: (world) => {
      const third = world.open(3);
      third.attach();
      third.openEnd(true);
      for (let n = 0; n < 2; n++) third.receive(asking, true);
      world.queue.send(value(4), asking, true);
      world.queue.send(value(5), asking, true);
      third.receive(asking, true);
      world.obituary.record(3);
      return [4, 5];
    },
    dying: (queue) => queue.lookForDead(),
  },
];

/** One whole run: the mortal one dies at its n-th write. False when it has come through. */
function run({ capacity, before, dying, brings = [], takes = 0 }: Scene, dieAt: number): boolean {
  const world = new World(capacity);
  const there = before(world);
  const queue = world.open(mortal);
  queue.attach();
  const words = new MortalWords(queue.store.heap.words);
  queue.store.heap.words = words.proxy;
  // The guard is a word of the same memory, and dies with its holder.
  const previous = exchangeAtomics(words.table());
  let died = false;
  try {
    words.left = dieAt;
    dying(queue, world, words);
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    died = true;
  } finally {
    exchangeAtomics(previous);
  }
  words.left = Number.POSITIVE_INFINITY;
  // What it would do on its way out it cannot: each further write is its death, too.
  if (died) world.obituary.record(mortal);
  else return false;
  check(world, there, brings, takes);
  return true;
}

function check(world: World, there: readonly number[], brings: readonly number[], takes: number): void {
  const { queue, receiving, sending } = world;
  queue.lookForDead();
  const got: number[] = [];
  for (const place of receiving) {
    if (queue.waits(place)) continue;
    if (queue.finish(place) === DONE) got.push(queue.taken.bytes[0] as number);
  }
  for (const place of receiving) if (queue.waits(place)) queue.finish(place);
  let refused = 0;
  while (queue.receive(asking, false) === DONE) got.push(queue.taken.bytes[0] as number);
  for (const place of sending) {
    assert.ok(!queue.waits(place), "a sender was forgotten");
    if (queue.finish(place) !== DONE) refused++;
  }
  assert.equal(new Set(got).size, got.length, `twice: ${got}`);
  const lost = there.filter((n) => !got.includes(n));
  assert.ok(lost.length <= takes + refused, `lost ${lost}, got ${got}`);
  for (const n of got) assert.ok(there.includes(n) || brings.includes(n), `${n} came from nowhere`);
  assert.deepEqual(
    got.filter((n) => there.includes(n)),
    there.filter((n) => got.includes(n)),
  );
  const { buffered, senders, receivers } = queue.counts;
  assert.deepEqual([buffered, senders, receivers], [0, 0, 0]);
  assert.deepEqual(queue.waiting, { senders: 0, receivers: 0 });
  if (queue.closed) return;
  // It is as good as new.
  const place = queue.receive(asking, true);
  assert.ok(place > 0);
  assert.equal(queue.send(value(100), asking, false), DONE);
  assert.equal(queue.finish(place), DONE);
  assert.equal(queue.taken.bytes[0], 100);
}

describe("a thread dies at each write while it", () => {
  for (const scene of scenes) {
    test(scene.name, () => {
      let writes = 0;
      while (run(scene, writes)) writes++;
      assert.ok(writes > 5, `${writes} writes are too few to have been a step`);
    });
  }
});
