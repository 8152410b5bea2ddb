// Channels and broadcasts: what their constructors accept, and what their errors say.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Broadcast } from "../../../src/channels/broadcast.ts";
import { Channel } from "../../../src/channels/channel.ts";
import type { Overflow } from "../../../src/contract/channel.ts";
import { BrokenChannelError, ChannelClosedError, TimeoutError } from "../../../src/contract/errors.ts";
import { rejection } from "../core/support.ts";

for (const [name, make] of [
  ["channel", (capacity?: number, options?: { overflow?: Overflow }) => new Channel(capacity, options)],
  ["broadcast", (capacity?: number, options?: { overflow?: Overflow }) => new Broadcast(capacity, options)],
] as const) {
  describe(name, () => {
    test("a capacity that is no count throws RangeError and is named", () => {
      for (const capacity of [-1, Number.NaN, 1.5, Number.NEGATIVE_INFINITY, "3" as never, null as never, 2 ** 53]) {
        assert.throws(() => make(capacity), { name: "RangeError", message: /capacity of a (channel|broadcast) must be a whole number/ });
      }
    });

    test("the capacity defaults to 0, and Infinity is one", () => {
      assert.equal(make().statistics().capacity, 0);
      assert.equal(make(undefined).statistics().capacity, 0);
      assert.equal(make(3).statistics().capacity, 3);
      assert.equal(make(Number.POSITIVE_INFINITY).statistics().capacity, Number.POSITIVE_INFINITY);
    });

    test("an overflow that does not exist throws RangeError with the choices", () => {
      assert.throws(() => make(1, { overflow: "explode" as Overflow }), {
        name: "RangeError",
        message: /must be one of wait, drop-oldest, drop-newest, not "explode"/,
      });
    });

    test("dropping without capacity throws RangeError", () => {
      for (const overflow of ["drop-oldest", "drop-newest"] as const) {
        assert.throws(() => make(0, { overflow }), { name: "RangeError", message: /needs a capacity of at least 1/ });
        assert.throws(() => make(undefined, { overflow }), RangeError);
        assert.equal(make(1, { overflow }).statistics().capacity, 1);
      }
    });

    test("options may be undefined one by one", () => {
      assert.equal(make(0, { overflow: undefined as never }).statistics().capacity, 0);
    });
  });
}

test("the capacity reads Infinity when unbounded and 1 for latest", () => {
  assert.equal(Channel.unbounded().statistics().capacity, Number.POSITIVE_INFINITY);
  assert.equal(Channel.latest().statistics().capacity, 1);
});

test("errors name the channel, and say what became of the value", async () => {
  const jobs = new Channel<number>(0, { name: "jobs" });
  const receiver = jobs.receiver();
  receiver.close();
  const broken = await rejection(jobs.send(1));
  assert.ok(broken instanceof BrokenChannelError);
  assert.equal(broken.message, 'The channel "jobs" has no receiving end left: nobody will receive the value.');
  const end = jobs.sender();
  jobs.sender();
  end.close();
  const own = await rejection(end.send(2));
  assert.ok(own instanceof ChannelClosedError);
  assert.equal(own.message, 'This end of the channel "jobs" is closed: send on another one.');
  jobs.close();
  const closed = await rejection(jobs.send(3));
  assert.ok(closed instanceof ChannelClosedError);
  assert.equal(closed.message, 'The channel "jobs" is closed: nothing more can be sent.');
  assert.equal(closed.value, 3);
  assert.equal("cause" in closed, false);
});

test("timeouts say what was waited for", async () => {
  const timedOut = async (work: Promise<unknown>) => {
    const error = await rejection(work);
    assert.ok(error instanceof TimeoutError);
    return error.message;
  };
  const jobs = new Channel<number>(0, { name: "jobs" });
  assert.match(await timedOut(jobs.send(1, { timeout: 1 })), /^Waiting for a receiver of the channel "jobs" took longer than 1 ms/);
  assert.match(await timedOut(jobs.receive({ timeout: 1 })), /a value from the channel "jobs"/);
  const full = new Channel<number>(1);
  full.trySend(1);
  assert.match(await timedOut(full.send(1, { timeout: 1 })), /room in a channel/);
  const news = new Broadcast<number>(1, { name: 'the "news"' });
  assert.match(await timedOut(news.receiver().receive({ timeout: 1 })), /the broadcast "the \\"news\\""/);
});

test("blocking operations name what to do instead", () => {
  const jobs = new Channel<number>(1, { name: "jobs" });
  assert.throws(() => jobs.sendSync(1), { code: "ERR_BRIGADE_UNSUPPORTED", feature: "sendSync", message: /await send\(\).*trySend/ });
  assert.throws(() => jobs.receiveSync(), {
    code: "ERR_BRIGADE_UNSUPPORTED",
    feature: "receiveSync",
    message: /await receive\(\).*tryReceive/,
  });
  assert.throws(() => jobs.receiver().receiveSync(), { feature: "receiveSync" });
  assert.throws(() => new Broadcast<number>(1).sendSync(1), { feature: "sendSync" });
});
