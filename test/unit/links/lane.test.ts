// A lane: frames come out in the order in which they went in, whichever way each of them took.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import fc from "fast-check";
import type { Frame } from "../../../src/executors/pool/frames.ts";
import { allocateLane, LaneReceiver, LaneSender } from "../../../src/executors/thread/lane.ts";

interface Ends {
  readonly sender: LaneSender;
  readonly receiver: LaneReceiver;
  /** Takes everything that has come by port, as a poll does. */
  receive(): number;
}

function withLane(use: (ends: Ends) => void): void {
  const { port1, port2 } = new MessageChannel();
  const memory = allocateLane();
  const receiver = new LaneReceiver(memory);
  const receive = (): number => {
    for (let count = 0; ; count++) {
      const received = receiveMessageOnPort(port2) as { readonly message: Frame } | undefined;
      if (received === undefined) return count;
      receiver.hold(received.message);
    }
  };
  try {
    use({ sender: new LaneSender(memory, port1), receiver, receive });
  } finally {
    port1.close();
  }
}

const settled = (id: number, length: number, attachments?: readonly unknown[]): Frame => ({
  type: "settled",
  id,
  state: "succeeded",
  runMs: id / 7,
  payload: { bytes: new Uint8Array(length).fill(id), ...(attachments ? { attachments } : {}) },
});

/** As it arrives: absent and undefined are the same to whoever reads a frame. */
const plain = (frame: Frame | undefined): unknown =>
  frame && JSON.parse(JSON.stringify(frame, (_, value) => (value instanceof Uint8Array ? [...value] : value)));

test("every kind of frame survives the ring", () => {
  const payload = { bytes: new Uint8Array([1, 2, 3]) };
  const run = { type: "run", id: 7, url: "file:///a.js", fn: "f", taskNumber: 1, taskName: "f", payload } as const;
  const submit = { type: "submit", id: 1, executor: "thread", dedicated: false, many: "all", url: "u", fn: "f", taskName: "n" } as const;
  const frames: Frame[] = [
    run,
    { ...run, id: 8, claim: 2 ** 30 - 1, many: "all", remainingMs: 1.5, timeoutMs: 2_000, taskName: "named" },
    { ...run, id: 2 ** 32 - 1, url: "file:///b.js" },
    { ...run, id: 2 ** 40, fn: "beyond 32 bits" },
    { ...run, id: 9, taskName: "äöü € \ud800" },
    { ...run, id: 10, url: "file:///€.js", fn: "g" },
    { ...run, id: 11, claim: 5, locals: ["a"], signals: [1, 2], submission: 4 },
    { type: "cancel", id: 7, payload },
    { type: "settled", id: 7, state: "failed", runMs: 0.25, cpuMs: 0.125, payload },
    { type: "settled", id: 2 ** 33, state: "cancelled", runMs: 0, payload: { bytes: new Uint8Array(0) } },
    { type: "progress", id: 7, payload },
    { type: "abort", handle: 3, payload },
    { type: "end" },
    { type: "ready" },
    { type: "broken", payload },
    { type: "started", id: 7 },
    { ...submit, graceMs: Number.POSITIVE_INFINITY, key: "k", priority: -1, handles: true, payload },
    { type: "output", stream: "stderr", text: "ä\n€" },
    run,
  ];
  withLane(({ sender, receiver, receive }) => {
    for (const frame of frames) {
      sender.send(frame);
      assert.equal(receive(), 0, `${frame.type} took the port`);
      assert.deepEqual(plain(receiver.next()), plain(frame));
    }
    assert.equal(receiver.next(), undefined);
  });
});

test("any mix of sizes, ways and delays comes out once and in order", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ length: fc.oneof(fc.nat(60), fc.nat(5_000), fc.nat(40_000)), attached: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constant("receive" as const) },
    { weight: 3, arbitrary: fc.constant("next" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      withLane(({ sender, receiver, receive }) => {
        const expected: number[] = [];
        let sent = 0;
        const check = (frame: Frame | undefined): boolean => {
          if (frame === undefined) return false;
          assert.equal((frame as { readonly id: number }).id, expected.shift());
          return true;
        };
        for (const each of steps) {
          if (each === "receive") receive();
          else if (each === "next") check(receiver.next());
          else {
            sender.send(settled(++sent, each.length, each.attached ? [new SharedArrayBuffer(8)] : undefined));
            expected.push(sent);
          }
        }
        receive();
        while (check(receiver.next()));
        assert.deepEqual(expected, []);
        assert.ok(receiver.isEmpty);
      });
    }),
    { numRuns: 150 },
  );
});

test("a frame that came by port waits for the records before it, and the ring is used again after it", () => {
  withLane(({ sender, receiver, receive }) => {
    sender.send(settled(1, 10));
    sender.send(settled(2, 40_000));
    sender.send(settled(3, 10));
    assert.equal(receive(), 2, "what follows a frame on the port takes the port too");
    for (const id of [1, 2]) assert.equal((receiver.next() as { readonly id: number }).id, id);
    sender.send(settled(4, 10));
    assert.equal(receive(), 1, "one is still under way");
    for (const id of [3, 4]) assert.equal((receiver.next() as { readonly id: number }).id, id);
    sender.send(settled(5, 10));
    assert.equal(receive(), 0);
    assert.equal((receiver.next() as { readonly id: number }).id, 5);
  });
});

test("a full ring: the sender never waits, says that there is no room, and nothing is lost", () => {
  withLane(({ sender, receiver, receive }) => {
    let sent = 0;
    while (sender.hasRoom) sender.send(settled(++sent, 1_000));
    assert.ok(sent > 10, `${sent} of a thousand bytes`);
    while (receive() === 0) sender.send(settled(++sent, 1_000));
    const last = sent + 100;
    while (sent < last) sender.send(settled(++sent, 10));
    assert.equal(sender.hasRoom, false);
    receive();
    for (let id = 1; id <= last; id++) assert.equal((receiver.next() as { readonly id: number }).id, id);
    assert.equal(receiver.next(), undefined);
    assert.ok(sender.hasRoom);
  });
});
