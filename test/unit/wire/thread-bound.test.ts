// What belongs to its thread is refused by name instead of arriving as an empty object.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import {
  Barrier,
  Broadcast,
  CapacityLimiter,
  Channel,
  Condition,
  Event,
  KeyedLimiter,
  Latch,
  Mutex,
  Once,
  RateLimiter,
  RWLock,
  Select,
  Semaphore,
} from "../../../src/runtime/index.ts";
import { encode } from "../../../src/wire/codec.ts";

const channel = new Channel<number>(1);
const bound: readonly [what: string, value: object][] = [
  ["a Channel", channel],
  ["a sending end", channel.sender()],
  ["a receiving end", channel.receiver()],
  ["a permit", await new Channel<number>(1).reserve()],
  ["a Broadcast", new Broadcast()],
  ["a Select", new Select({})],
  ["a clause of select", channel.receiving() as object],
  ["a Mutex", new Mutex()],
  ["a guard", await new Mutex().acquire()],
  ["an RWLock", new RWLock()],
  ["a Semaphore", new Semaphore(1)],
  ["a CapacityLimiter", new CapacityLimiter(1)],
  ["a Condition", new Condition()],
  ["an Event", new Event()],
  ["a Latch", new Latch(1)],
  ["a Barrier", new Barrier(1)],
  ["a Once", new Once()],
  ["a KeyedLimiter", new KeyedLimiter({ concurrency: 1 })],
  ["a RateLimiter", new RateLimiter({ limit: 1, interval: 1 })],
];

for (const [what, value] of bound) {
  test(`${what} is refused with its path`, () => {
    assert.throws(
      () => encode([{ inside: value }], { root: "arguments" }),
      (error: unknown) => error instanceof NotSerializableError && error.message.includes(what) && error.path.endsWith(".inside"),
    );
  });
}
