// What every flavour of a channel does, one case for each behaviour.
import assert from "node:assert/strict";
import { after } from "../../../src/channels/clauses/after.ts";
import { select, trySelect } from "../../../src/channels/select.ts";
import { BrokenChannelError, CancelledError, ChannelClosedError, TimeoutError, UnsupportedError } from "../../../src/contract/errors.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { timers } from "../../../src/core/timers.ts";
import { timeout } from "../../../src/core/waiting.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { watch } from "../../unit/channels/support.ts";
import { forever, rejection } from "../../unit/core/support.ts";
import { type Capability, type Flavour, type Pipe, skipReason } from "./flavours.ts";

export interface Case {
  readonly name: string;
  readonly needs?: readonly Capability[];
  readonly run: (flavour: Flavour) => Promise<void>;
}

/** Sends 0, 1, 2 … for as long as there is room, or some values where there always is; returns the next number. */
function fill({ whole }: Pipe<number>, { room }: Pick<Flavour, "room">): number {
  const some = Math.min(room, 4);
  for (let n = 0; n < some; n++) assert.equal(whole.trySend(n), true);
  return some;
}

const reader = async (pipe: Pipe<number>, into: number[]) => {
  for await (const value of pipe.receiver) into.push(value);
};

export const cases: readonly Case[] = [
  {
    name: "what is sent to a waiting receiver arrives",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const got = watch(receiver.receive());
      await flavour.settled();
      assert.equal(got.state, "pending");
      assert.equal(whole.statistics().waitingReceivers, 1);
      await whole.send("a");
      assert.equal(await got.promise, "a");
      assert.equal(whole.statistics().waitingReceivers, 0);
    },
  },
  {
    name: "trySend gives to a waiting receiver",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const got = receiver.receive();
      assert.equal(whole.trySend("a"), true);
      assert.equal(await got, "a");
    },
  },
  {
    name: "tryReceive of an empty channel is undefined and leaves nothing behind",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      assert.equal(receiver.tryReceive(), undefined);
      assert.equal(whole.statistics().waitingReceivers, 0);
    },
  },
  {
    name: "what was sent before anybody received is received in order",
    needs: ["buffersMany"],
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      for (const n of [1, 2, 3]) await whole.send(n);
      assert.equal(whole.statistics().buffered, 3);
      assert.deepEqual([await receiver.receive(), receiver.tryReceive(), await receiver.receive()], [1, 2, 3]);
      assert.equal(whole.statistics().buffered, 0);
    },
  },
  {
    name: "a thousand values arrive once each, in order",
    needs: ["lossless"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      const got: number[] = [];
      const reading = reader(pipe, got);
      for (let n = 0; n < 1000; n++) await pipe.whole.send(n);
      pipe.whole.close();
      await reading;
      assert.deepEqual(
        got,
        Array.from({ length: 1000 }, (_, n) => n),
      );
    },
  },
  {
    name: "a sender that keeps pace loses nothing",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      for (let n = 0; n < 100; n++) {
        const got = receiver.receive();
        await whole.send(n);
        assert.equal(await got, n);
      }
      assert.equal(whole.statistics().dropped, 0);
    },
  },
  {
    name: "values may be of any kind, false ones included",
    needs: ["references"],
    async run(flavour) {
      const { whole, receiver } = flavour.open<unknown>();
      const fn = () => {};
      for (const value of [null, 0, "", false, Number.NaN, Symbol.for("s"), fn, whole, undefined]) {
        const got = receiver.receive();
        assert.equal(whole.trySend(value), true);
        assert.ok(Object.is(await got, value));
      }
    },
  },
  {
    name: "undefined travels through for await",
    async run(flavour) {
      const { whole, receiver } = flavour.open<undefined>();
      const steps = receiver[Symbol.asyncIterator]();
      const first = steps.next();
      await whole.send(undefined);
      assert.deepEqual(await first, { value: undefined, done: false });
      const second = steps.next();
      whole.close();
      assert.deepEqual(await second, { value: undefined, done: true });
    },
  },
  {
    name: "a full channel makes the sender wait until there is room",
    needs: ["waits"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      const next = fill(pipe, flavour);
      assert.equal(pipe.whole.trySend(-1), false);
      const sent = watch(pipe.whole.send(next));
      await flavour.settled();
      assert.equal(sent.state, "pending");
      assert.equal(pipe.whole.statistics().waitingSenders, 1);
      assert.equal(await pipe.receiver.receive(), 0);
      await sent.promise;
      assert.equal(pipe.whole.statistics().waitingSenders, 0);
    },
  },
  {
    name: "waiting senders are served in order of arrival",
    needs: ["waits"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      let next = fill(pipe, flavour);
      const order: number[] = [];
      const sends = [0, 1, 2, 3, 4].map(async (n) => {
        await pipe.whole.send(next++);
        order.push(n);
      });
      for (let n = 0; n < flavour.room + 5; n++) assert.equal(await pipe.receiver.receive(), n);
      await Promise.all(sends);
      assert.deepEqual(order, [0, 1, 2, 3, 4]);
    },
  },
  {
    name: "waiting receivers are served in order of arrival",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const got = [0, 1, 2, 3, 4].map(() => receiver.receive());
      for (const n of [0, 1, 2, 3, 4]) assert.equal(whole.trySend(n), true);
      assert.deepEqual(await Promise.all(got), [0, 1, 2, 3, 4]);
    },
  },
  {
    name: "a newcomer does not overtake those in line",
    needs: ["waits"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      const next = fill(pipe, flavour);
      const first = pipe.whole.send(next);
      assert.equal(await pipe.receiver.receive(), 0);
      // The place that became free belongs to whoever waited.
      if (flavour.room > 0) assert.equal(pipe.whole.trySend(99), false);
      await first;
    },
  },
  {
    name: "a cancelled receiver swallows nothing, and the next is served",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const controller = new AbortController();
      const first = watch(receiver.receive({ signal: controller.signal }));
      const second = receiver.receive();
      controller.abort("gone");
      await whole.send("a");
      assert.equal(await second, "a");
      assert.ok(first.error instanceof CancelledError && first.error.cause === "gone");
      assert.equal(whole.statistics().waitingReceivers, 0);
    },
  },
  {
    name: "a cancelled sender sends nothing, and the next is served",
    needs: ["waits"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      const next = fill(pipe, flavour);
      const controller = new AbortController();
      const first = watch(pipe.whole.send(-1, { signal: controller.signal }));
      const second = pipe.whole.send(next);
      controller.abort("gone");
      const got: (number | undefined)[] = [];
      for (let n = 0; n <= flavour.room; n++) got.push(await pipe.receiver.receive());
      await second;
      assert.deepEqual(
        got,
        Array.from({ length: flavour.room + 1 }, (_, n) => n),
      );
      assert.ok(first.error instanceof CancelledError && first.error.cause === "gone");
    },
  },
  {
    name: "what was received before the cancel stays received",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const controller = new AbortController();
      const got = receiver.receive({ signal: controller.signal });
      assert.equal(whole.trySend("a"), true);
      controller.abort();
      assert.equal(await got, "a");
    },
  },
  {
    name: "a receive that times out rejects with TimeoutError and leaves no trace",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const error = await rejection(receiver.receive({ timeout: 1 }));
      assert.ok(error instanceof TimeoutError);
      assert.match(error.message, /value from a (channel|broadcast)/);
      assert.equal(whole.statistics().waitingReceivers, 0);
      assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    },
  },
  {
    name: "a send that times out rejects with TimeoutError and leaves no trace",
    needs: ["waits"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      fill(pipe, flavour);
      const error = await rejection(pipe.whole.send(-1, { timeout: 1 }));
      assert.ok(error instanceof TimeoutError);
      assert.equal(pipe.whole.statistics().waitingSenders, 0);
      assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    },
  },
  {
    name: "an aborted signal rejects before anything is sent or taken",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const signal = AbortSignal.abort("too late");
      const waiting = receiver.receive();
      assert.equal(((await rejection(whole.send("lost", { signal }))) as Error).cause, "too late");
      await whole.send("a");
      assert.equal(await waiting, "a");
      assert.equal(((await rejection(receiver.receive({ signal }))) as Error).cause, "too late");
    },
  },
  {
    name: "in a cancelled task every operation that may wait throws, and the others still work",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const task = coroutines.run(async () => {
        await rejection(forever());
        const errors = [
          await rejection(whole.send("lost")),
          await rejection(receiver.receive()),
          await rejection(whole.reserve()),
          await rejection(receiver[Symbol.asyncIterator]().next()),
          await rejection(select({ never: null })),
        ];
        if (flavour.room > 0) {
          assert.equal(whole.trySend("kept"), true);
          assert.equal(receiver.tryReceive(), "kept");
        }
        whole.close();
        return errors;
      });
      await flavour.settled();
      task.cancel("why");
      for (const error of await task) assert.ok(error instanceof CancelledError && error.cause === "why");
      assert.equal(whole.closed, true);
    },
  },
  {
    name: "a deadline that has passed rejects before anything is sent",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const got = watch(receiver.receive());
      const error = await rejection(timeout(0, () => whole.send("lost")));
      assert.ok(error instanceof TimeoutError);
      await flavour.settled();
      assert.equal(got.state, "pending");
      whole.close();
      assert.equal(await got.promise, undefined);
    },
  },
  {
    name: "the failure of a group frees its senders and receivers",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const error = await rejection(
        withTaskGroup(
          (group) => {
            group.run(() => receiver.receive());
            group.run(() => Promise.reject(new RangeError("failed")));
          },
          { errors: "first" },
        ),
      );
      assert.ok(error instanceof RangeError);
      assert.equal(whole.statistics().waitingReceivers, 0);
    },
  },
  {
    name: "closing ends waiting receivers",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const got = [receiver.receive(), receiver.receive()];
      whole.close();
      assert.deepEqual(await Promise.all(got), [undefined, undefined]);
      assert.equal(await receiver.receive(), undefined);
      assert.equal(receiver.tryReceive(), undefined);
    },
  },
  {
    name: "buffered values are still received after close",
    needs: ["buffers"],
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      await whole.send("a");
      whole.close();
      assert.equal(whole.closed, true);
      assert.equal(whole.statistics().buffered, 1);
      assert.equal(await receiver.receive(), "a");
      assert.equal(await receiver.receive(), undefined);
    },
  },
  {
    name: "closing rejects waiting senders, which get their values back",
    needs: ["waits"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      const next = fill(pipe, flavour);
      const sends = [watch(pipe.whole.send(next)), watch(pipe.whole.send(next + 1))];
      pipe.whole.close();
      await flavour.settled();
      for (const [n, { error }] of sends.entries()) assert.ok(error instanceof ChannelClosedError && error.value === next + n);
      assert.equal(pipe.whole.statistics().waitingSenders, 0);
    },
  },
  {
    name: "sending on a closed channel is refused and gives the value back",
    async run(flavour) {
      const { whole } = flavour.open<string>();
      whole.close();
      const refused = (value: string) => (error: unknown) => error instanceof ChannelClosedError && error.value === value;
      await assert.rejects(whole.send("a"), refused("a"));
      await assert.rejects(whole.send("b", { timeout: 10 }), refused("b"));
      assert.throws(() => whole.trySend("c"), refused("c"));
      await assert.rejects(whole.reserve(), ChannelClosedError);
      assert.throws(() => trySelect({ sent: whole.sending("d") }), refused("d"));
      await assert.rejects(select({ sent: whole.sending("e") }), refused("e"));
    },
  },
  {
    name: "close with an error reaches every receive past the buffered values",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const reason = new RangeError("disk full");
      if (flavour.room > 0) await whole.send("a");
      whole.close(reason);
      if (flavour.room > 0) assert.equal(await receiver.receive(), "a");
      const is = (error: unknown) => error === reason;
      await assert.rejects(receiver.receive(), is);
      await assert.rejects(receiver.receive({ timeout: 10 }), is);
      assert.throws(() => receiver.tryReceive(), is);
      await assert.rejects(receiver[Symbol.asyncIterator]().next(), is);
      assert.throws(() => trySelect({ got: receiver.receiving() }), is);
      await assert.rejects(select({ got: receiver.receiving() }), is);
      const refusal = await rejection(whole.send("b"));
      assert.ok(refusal instanceof ChannelClosedError && refusal.cause === reason);
    },
  },
  {
    name: "close with an error rejects waiting receivers with it",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const got = watch(receiver.receive());
      const step = watch(receiver[Symbol.asyncIterator]().next());
      const chosen = watch(select({ got: receiver.receiving() }));
      const reason = new RangeError("disk full");
      whole.close(reason);
      await flavour.settled();
      assert.deepEqual([got.error, step.error, chosen.error], [reason, reason, reason]);
    },
  },
  {
    name: "closing twice is closing once; the first error stands",
    async run(flavour) {
      const { whole, receiver } = flavour.open<string>();
      const reason = new RangeError("first");
      whole.close(reason);
      whole.close(new TypeError("second"));
      whole.close();
      whole[Symbol.dispose]();
      await assert.rejects(receiver.receive(), (error) => error === reason);
    },
  },
  {
    name: "for await ends when the channel is closed and drained",
    async run(flavour) {
      const pipe = flavour.open<number>();
      const got: number[] = [];
      const reading = reader(pipe, got);
      await flavour.settled();
      await pipe.whole.send(1);
      await flavour.settled();
      await pipe.whole.send(2);
      pipe.whole.close();
      await reading;
      assert.deepEqual(got, [1, 2]);
    },
  },
  {
    name: "leaving for await closes nothing",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const sends = (async () => {
        for (const n of [1, 2]) await whole.send(n);
      })();
      for await (const value of receiver) {
        assert.equal(value, 1);
        break;
      }
      assert.equal(whole.closed, false);
      assert.equal(whole.statistics().waitingReceivers, 0);
      assert.equal(await receiver.receive(), 2);
      await sends;
    },
  },
  {
    name: "the last sending end closes the channel; the channel itself is none",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const [one, two] = [whole.sender(), whole.sender()];
      assert.equal(whole.statistics().senders, 2);
      const got = watch(receiver.receive());
      one.close();
      one.close();
      one[Symbol.dispose]();
      assert.equal(whole.closed, false);
      assert.equal(whole.statistics().senders, 1);
      two[Symbol.dispose]();
      assert.equal(whole.closed, true);
      assert.equal(await got.promise, undefined);
    },
  },
  {
    name: "a closed sending end refuses while others are open",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const [one, two] = [whole.sender(), whole.sender()];
      one.close();
      const got = receiver.receive();
      const refused = (error: unknown) => error instanceof ChannelClosedError && error.value === 1;
      await assert.rejects(one.send(1), refused);
      await assert.rejects(one.send(1, { timeout: 10 }), refused);
      assert.throws(() => one.trySend(1), refused);
      await assert.rejects(one.reserve(), ChannelClosedError);
      await assert.rejects(select({ sent: one.sending(1) }), refused);
      await two.send(2);
      assert.equal(await got, 2);
    },
  },
  {
    name: "closing a sending end rejects what waits on it and nothing else",
    needs: ["waits"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      const [one, two] = [pipe.whole.sender(), pipe.whole.sender()];
      const next = fill(pipe, flavour);
      const refused = [watch(one.send(-1)), watch(one.send(-2, { timeout: 10_000 }))];
      const chosen = watch(select({ sent: one.sending(-3) }));
      const kept = watch(two.send(next));
      one.close();
      await flavour.settled();
      for (const { error } of [...refused, chosen]) assert.ok(error instanceof ChannelClosedError);
      assert.deepEqual(
        [...refused, chosen].map(({ error }) => (error as ChannelClosedError).value),
        [-1, -2, -3],
      );
      assert.equal(kept.state, "pending");
      for (let n = 0; n <= flavour.room; n++) assert.equal(await pipe.receiver.receive(), n);
      await kept.promise;
    },
  },
  {
    name: "the error of a sending end reaches the receivers when the last one closes",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const [one, two] = [whole.sender(), whole.sender()];
      const reason = new RangeError("one failed");
      one.close(reason);
      const got = receiver.receive();
      await two.send(1);
      assert.equal(await got, 1);
      two.close();
      await assert.rejects(receiver.receive(), (error) => error === reason);
    },
  },
  {
    name: "a receive that is pending on an end which is closed ends",
    async run(flavour) {
      const { whole } = flavour.open<number>();
      const [one, two] = [whole.receiver(), whole.receiver()];
      const pending = [watch(one.receive()), watch(one.receive({ timeout: 10_000 }))];
      const step = watch(one[Symbol.asyncIterator]().next());
      const chosen = watch(select({ got: one.receiving() }));
      const other = watch(two.receive());
      one.close();
      one.close();
      await flavour.settled();
      for (const { state, value } of pending) assert.deepEqual([state, value], ["fulfilled", undefined]);
      assert.deepEqual(step.value, { value: undefined, done: true });
      assert.deepEqual(chosen.value, { key: "got", value: undefined });
      assert.equal(other.state, "pending");
      assert.equal(await one.receive(), undefined);
      assert.equal(one.tryReceive(), undefined);
      for await (const value of one) assert.fail(`got ${value}`);
      whole.close();
      await other.promise;
    },
  },
  {
    name: "when the last receiving end goes, senders are refused and get their values back",
    needs: ["competes"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      const [one, two] = [pipe.whole.receiver(), pipe.whole.receiver()];
      assert.equal(pipe.whole.statistics().receivers, 2);
      const next = fill(pipe, flavour);
      const waits = skip(flavour, "waits") ? undefined : watch(pipe.whole.send(next));
      one.close();
      await flavour.settled();
      assert.notEqual(waits?.state, "rejected");
      two.close();
      await flavour.settled();
      const refused = (value: number) => (error: unknown) => error instanceof BrokenChannelError && error.value === value;
      if (waits) assert.ok(refused(next)(waits.error));
      await assert.rejects(pipe.whole.send(7), refused(7));
      assert.throws(() => pipe.whole.trySend(7), refused(7));
      await assert.rejects(pipe.whole.reserve(), BrokenChannelError);
      await assert.rejects(select({ sent: pipe.whole.sending(7) }), refused(7));
      assert.equal(pipe.whole.closed, false);
    },
  },
  {
    name: "a new receiving end mends what was broken",
    needs: ["competes"],
    async run(flavour) {
      const { whole } = flavour.open<number>();
      whole.receiver().close();
      await assert.rejects(whole.send(1), BrokenChannelError);
      const receiver = whole.receiver();
      const got = receiver.receive();
      await whole.send(2);
      assert.equal(await got, 2);
      whole.close();
      await assert.rejects(whole.send(3), ChannelClosedError);
    },
  },
  {
    name: "several receiving ends share the values, each value once",
    needs: ["competes"],
    async run(flavour) {
      const { whole } = flavour.open<number>();
      const ends = [whole.receiver(), whole.receiver(), whole.receiver()];
      const got: number[][] = [[], [], []];
      const readers = ends.map(async (end, n) => {
        for await (const value of end) got[n]?.push(value);
      });
      await flavour.settled();
      for (let n = 0; n < 30; n++) {
        await whole.send(n);
        await flavour.settled();
      }
      whole.close();
      await Promise.all(readers);
      assert.deepEqual(
        got.flat().sort((a, b) => a - b),
        [...Array(30).keys()],
      );
      for (const share of got) assert.equal(share.length, 10);
    },
  },
  {
    name: "ends made after close are closed",
    async run(flavour) {
      const { whole } = flavour.open<number>();
      whole.close();
      await assert.rejects(whole.sender().send(1), ChannelClosedError);
      assert.equal(await whole.receiver().receive(), undefined);
      assert.equal(whole.closed, true);
    },
  },
  {
    name: "a reservation keeps its place until it is used",
    needs: ["buffers", "reserves"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      const permit = await pipe.whole.reserve();
      const next = fill(pipe, { room: flavour.room - 1 });
      if (!skip(flavour, "waits")) assert.equal(pipe.whole.trySend(99), false);
      permit.send(next);
      assert.equal(pipe.whole.statistics().buffered, flavour.room);
      for (let n = 0; n < flavour.room; n++) assert.equal(pipe.receiver.tryReceive(), n);
    },
  },
  {
    name: "a reservation waits for a place, and gives it back when it is disposed",
    needs: ["reserves"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      fill(pipe, flavour);
      const waiting = watch(pipe.whole.reserve());
      await flavour.settled();
      assert.equal(waiting.state, "pending");
      assert.equal(pipe.whole.statistics().waitingSenders, 1);
      const got = pipe.receiver.receive();
      const permit = await waiting.promise;
      permit[Symbol.dispose]();
      permit[Symbol.dispose]();
      if (flavour.room === 0) assert.equal(pipe.whole.trySend(0), true);
      assert.equal(await got, 0);
    },
  },
  {
    name: "a permit is good for one value, and for none after close",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const got = receiver.receive();
      const permit = await whole.reserve();
      permit.send(1);
      assert.equal(await got, 1);
      assert.throws(() => permit.send(2), { code: "ERR_BRIGADE_NOT_OWNER" });
      const again = receiver.receive();
      const late = await whole.reserve();
      whole.close();
      assert.throws(
        () => late.send(3),
        (error) => error instanceof ChannelClosedError && error.value === 3,
      );
      assert.equal(await again, undefined);
    },
  },
  {
    name: "select receives what is there or comes",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const chosen = select({ got: receiver.receiving(), late: after(10_000) });
      await whole.send(1);
      assert.deepEqual(await chosen, { key: "got", value: 1 });
      assert.equal(whole.statistics().waitingReceivers, 0);
      assert.equal(trySelect({ got: receiver.receiving() }), undefined);
      assert.equal(timers.nextAtMs, Number.POSITIVE_INFINITY);
    },
  },
  {
    name: "select sends to whoever waits",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const got = receiver.receive();
      assert.deepEqual(await select({ sent: whole.sending(1) }), { key: "sent", value: undefined });
      assert.equal(await got, 1);
    },
  },
  {
    name: "select that loses interest sends and receives nothing",
    needs: ["waits"],
    async run(flavour) {
      const pipe = flavour.open<number>();
      fill(pipe, flavour);
      assert.equal((await select({ sent: pipe.whole.sending(-1), late: after(1) })).key, "late");
      assert.equal(pipe.whole.statistics().waitingSenders, 0);
      for (let n = 0; n < flavour.room; n++) assert.equal(await pipe.receiver.receive(), n);
      assert.equal((await select({ got: pipe.receiver.receiving(), late: after(1) })).key, "late");
      assert.equal(pipe.whole.statistics().waitingReceivers, 0);
      assert.equal(pipe.receiver.tryReceive(), undefined);
    },
  },
  {
    name: "a closed channel is ready in select, with undefined",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      const chosen = select({ got: receiver.receiving() });
      whole.close();
      assert.deepEqual(await chosen, { key: "got", value: undefined });
      assert.deepEqual(trySelect({ got: receiver.receiving() }), { key: "got", value: undefined });
    },
  },
  {
    name: "statistics tell the capacity and what is in it",
    async run(flavour) {
      const pipe = flavour.open<number>();
      const filled = fill(pipe, flavour);
      const { capacity, buffered, dropped, waitingSenders, waitingReceivers, senders } = pipe.whole.statistics();
      assert.deepEqual([capacity, buffered, dropped], [flavour.capacity, filled, 0]);
      assert.deepEqual([waitingSenders, waitingReceivers, senders], [0, 0, 0]);
    },
  },
  {
    name: "blocking the thread is refused",
    needs: ["refusesBlocking"],
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      assert.throws(
        () => whole.sendSync(1),
        (error) => error instanceof UnsupportedError && error.feature === "sendSync",
      );
      assert.throws(
        () => receiver.receiveSync(1),
        (error) => error instanceof UnsupportedError && error.feature === "receiveSync",
      );
      assert.throws(() => whole.sender().sendSync(1), UnsupportedError);
    },
  },
  {
    name: "bad options are refused",
    async run(flavour) {
      const { whole, receiver } = flavour.open<number>();
      await assert.rejects(receiver.receive({ timeout: -1 }), RangeError);
      await assert.rejects(whole.send(1, { timeout: Number.NaN }), RangeError);
      await assert.rejects(receiver.receive({ signal: {} as AbortSignal }), TypeError);
      assert.equal(receiver.tryReceive(), undefined);
    },
  },
];

function skip(flavour: Flavour, capability: Capability): boolean {
  return skipReason(flavour, [capability]) !== undefined;
}
