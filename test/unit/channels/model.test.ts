// Random programs: a channel against a model of plain arrays, step by step; and laws that hold whatever the program (no value lost, none
// twice, each sender's order kept, counts that agree), with cancels and selects in between.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Broadcast } from "../../../src/channels/broadcast.ts";
import { Channel, coreOfChannel } from "../../../src/channels/channel.ts";
import { select } from "../../../src/channels/select.ts";
import { placeOfChannel } from "../../../src/channels/shared/promote.ts";
import type { Overflow, Permit, Receiver } from "../../../src/contract/channel.ts";
import { ModelChannel, type ModelOperation } from "./model.ts";
import { settled, type Watched, watch } from "./support.ts";

const overflow = fc.constantFrom<Overflow>("wait", "drop-oldest", "drop-newest");
const settings = fc.oneof(
  fc.record({ capacity: fc.integer({ min: 0, max: 4 }), overflow: fc.constant<Overflow>("wait") }),
  fc.record({ capacity: fc.integer({ min: 1, max: 4 }), overflow }),
);

/** When a channel moves to where other threads could have it: never, before anything is done with it, or in the middle. */
const moves = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.constant(0), fc.nat({ max: 40 }));
const move = (channel: Channel<never>) => void placeOfChannel(coreOfChannel(channel));

/** Promises of operations that did not wait are settled by then. */
const hops = async () => {
  for (let n = 0; n < 6; n++) await undefined;
};

describe("against the model", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("send", "receive", "trySend", "tryReceive") },
    { weight: 1, arbitrary: fc.nat({ max: 20 }) },
    { weight: 1, arbitrary: fc.constantFrom("select send", "select receive", "iterate", "statistics") },
  );
  const program = fc.tuple(settings, fc.array(step, { maxLength: 60 }), fc.option(fc.nat({ max: 60 }), { nil: undefined }), moves);

  test("a channel does what plain arrays do", async () => {
    await fc.assert(
      fc.asyncProperty(program, async ([{ capacity, overflow }, steps, closeAt, moveAt]) => {
        const channel = new Channel<number>(capacity, { overflow });
        const model = new ModelChannel(capacity, overflow);
        const running: { readonly real: Watched<unknown>; readonly expected: ModelOperation; readonly controller: AbortController }[] = [];
        const begin = (expected: ModelOperation, start: (signal: AbortSignal) => Promise<unknown>) => {
          const controller = new AbortController();
          running.push({ real: watch(start(controller.signal)), expected, controller });
        };
        let next = 0;
        for (const [at, action] of steps.entries()) {
          if (at === moveAt) move(channel as never);
          if (at === closeAt) {
            channel.close();
            model.close();
          }
          if (typeof action === "number") {
            const which = running[action];
            if (which?.expected.end === undefined) which?.controller.abort();
            if (which) model.cancel(which.expected);
          } else if (action === "send") begin(model.send(++next), (signal) => channel.send(next, { signal }));
          else if (action === "select send")
            begin(model.send(++next), (signal) => select({ s: channel.sending(next), never: null }, { signal }));
          else if (action === "receive") begin(model.receive(), (signal) => channel.receive({ signal }));
          else if (action === "select receive") {
            begin(model.receive(), async (signal) => (await select({ r: channel.receiving() }, { signal })).value);
          } else if (action === "iterate") {
            const expected = model.receive();
            // A step cannot be given a signal; it is followed only when it need not wait.
            if (expected.end === undefined) model.cancel(expected);
            else begin(expected, async () => (await channel[Symbol.asyncIterator]().next()).value);
          } else if (action === "trySend") {
            next++;
            if (model.closed) assert.throws(() => channel.trySend(next));
            else assert.equal(channel.trySend(next), model.trySend(next));
          } else if (action === "tryReceive") assert.equal(channel.tryReceive(), model.tryReceive());
          const { buffered, dropped, waitingSenders, waitingReceivers } = channel.statistics();
          assert.deepEqual(
            [buffered, dropped, waitingSenders, waitingReceivers],
            [model.buffer.length, model.dropped, model.senders.length, model.receivers.length],
          );
        }
        await settled();
        for (const { real, expected } of running) {
          assert.equal(real.state, expected.end ?? "pending");
          if (expected.kind === "receive" && expected.end === "fulfilled") assert.equal(real.value, expected.got);
        }
        channel.close();
        for (const { controller } of running) controller.abort();
        await hops();
      }),
      { numRuns: 800 },
    );
  });
});

describe("laws", () => {
  /** What one task does: over and over, with a pause or an impatience now and then. */
  const role = fc.record({
    kind: fc.constantFrom("send", "select send", "reserve", "receive", "select receive", "iterate", "both"),
    channel: fc.nat({ max: 2 }),
    times: fc.integer({ min: 1, max: 12 }),
    cancelAt: fc.option(fc.nat({ max: 12 }), { nil: undefined }),
    pauses: fc.array(fc.boolean(), { maxLength: 12 }),
  });
  const world = fc.tuple(
    fc.tuple(settings, settings, settings),
    fc.array(role, { minLength: 2, maxLength: 12 }),
    // How many operations are begun before each of them moves.
    fc.tuple(moves, moves, moves),
  );

  test("no value lost, none twice, each sender's order kept, whatever is cancelled", async () => {
    await fc.assert(
      fc.asyncProperty(world, async ([shapes, roles, moveAt]) => {
        let begun = 0;
        const channels = shapes.map(({ capacity, overflow }) => new Channel<string>(capacity, { overflow }));
        const [c0, c1, c2] = channels as [Channel<string>, Channel<string>, Channel<string>];
        const sent: string[] = [];
        const unsent: string[] = [];
        const received: string[][] = [[], [], []];
        const controllers: AbortController[] = [];

        const act = async (who: number, n: number, { kind, channel: at }: (typeof roles)[number], signal: AbortSignal) => {
          const channel = channels[at] as Channel<string>;
          const value = `${who}:${n}`;
          const take = (from: number, got: string | undefined) => {
            if (got !== undefined) received[from]?.push(got);
          };
          try {
            if (kind === "send") {
              unsent.push(value);
              await channel.send(value, { signal });
              sent.push(value);
            } else if (kind === "select send") {
              unsent.push(value);
              await select({ a: channel.sending(value) }, { signal });
              sent.push(value);
            } else if (kind === "reserve") {
              unsent.push(value);
              const permit: Permit<string> = await channel.reserve({ signal });
              if (n % 3 === 0) permit[Symbol.dispose]();
              else {
                permit.send(value);
                sent.push(value);
              }
            } else if (kind === "receive") take(at, await channel.receive({ signal }));
            else if (kind === "iterate") {
              for await (const got of channel) {
                take(at, got);
                break;
              }
            } else if (kind === "select receive") {
              const got = await select({ 0: c0.receiving(), 1: c1.receiving(), 2: c2.receiving() }, { signal });
              take(Number(got.key), got.value);
            } else {
              unsent.push(value);
              const other = (at + 1) % 3;
              const got = await select(
                { s: channel.sending(value), r: channel.receiving(), o: (channels[other] as Channel<string>).receiving() },
                { signal },
              );
              if (got.key === "s") sent.push(value);
              else take(got.key === "r" ? at : other, got.value as string | undefined);
            }
          } catch (error) {
            if (signal.aborted || channel.closed) return;
            throw error;
          }
        };

        const tasks = roles.map(async (each, who) => {
          for (let n = 0; n < each.times; n++) {
            const controller = new AbortController();
            controllers.push(controller);
            for (const [at, channel] of channels.entries()) if (begun >= (moveAt[at] as number)) move(channel as never);
            begun++;
            const doing = act(who, n, each, controller.signal);
            if (each.cancelAt === n) {
              if (each.pauses[0]) await undefined;
              controller.abort();
            }
            await doing;
            if (each.pauses[n]) await undefined;
          }
        });
        await settled();
        for (const channel of channels) channel.close();
        await Promise.all(tasks);
        for (const [at, channel] of channels.entries()) {
          for (let value = channel.tryReceive(); value !== undefined; value = channel.tryReceive()) received[at]?.push(value);
        }

        const all = received.flat();
        assert.equal(new Set(all).size, all.length, "a value was received twice");
        const dropped = channels.reduce((sum, channel) => sum + channel.statistics().dropped, 0);
        assert.equal(all.length + dropped, sent.length, "received and dropped make up what was sent");
        const happened = new Set(sent);
        for (const value of all) assert.ok(happened.has(value), `${value} was received but never sent`);
        assert.ok(sent.every((value) => unsent.includes(value)));
        // Several receivers write into one list as they go on, which may be another order than that of service.
        const receivers = roles.filter(({ kind }) => !["send", "select send", "reserve"].includes(kind));
        for (const [at, values] of received.entries()) {
          const last = new Map<string, number>();
          if (receivers.length > 1) break;
          for (const value of values) {
            const [who = "", n = ""] = value.split(":");
            assert.ok(Number(n) > (last.get(who) ?? -1), `channel ${at}: ${values}`);
            last.set(who, Number(n));
          }
        }
        for (const channel of channels) {
          const { buffered, waitingSenders, waitingReceivers } = channel.statistics();
          assert.deepEqual([buffered, waitingSenders, waitingReceivers], [0, 0, 0]);
        }
      }),
      { numRuns: 600 },
    );
  });

  test("every receiver of a broadcast gets what was sent after it came, in order, less what it is said to have lost", async () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.constant("send" as const) },
      { weight: 1, arbitrary: fc.constant("join" as const) },
      { weight: 1, arbitrary: fc.record({ leave: fc.nat({ max: 5 }) }) },
      { weight: 4, arbitrary: fc.record({ read: fc.nat({ max: 5 }) }) },
      { weight: 1, arbitrary: fc.record({ cancel: fc.nat({ max: 20 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(settings, fc.array(action, { maxLength: 60 }), async ({ capacity, overflow }, actions) => {
        const news = new Broadcast<number>(capacity, { overflow });
        const sends: { readonly end: Watched<void>; readonly controller: AbortController; readonly readers: number }[] = [];
        const readers: Reader[] = [];
        for (const each of actions) {
          if (each === "send") {
            const controller = new AbortController();
            const end = watch(news.send(sends.length, { signal: controller.signal }));
            sends.push({ end, controller, readers: readers.filter(({ open }) => open).length });
          } else if (each === "join") readers.push(new Reader(news.receiver(), sends.length));
          else if ("leave" in each) readers[each.leave]?.leave();
          else if ("read" in each) readers[each.read]?.read();
          else sends[each.cancel]?.controller.abort();
          await hops();
        }
        news.close();
        await settled();
        const happened = [...sends.keys()].filter((value) => sends[value]?.end.state === "fulfilled");
        for (const reader of readers) {
          const stayed = reader.open;
          reader.leave();
          const { got, since } = reader;
          assert.ok(
            got.every((value, n) => n === 0 || value > (got[n - 1] as number)),
            `in order: ${got}`,
          );
          for (const value of got) assert.ok(happened.includes(value), `${value} was received and did not happen`);
          if (overflow !== "wait" || !stayed) continue;
          // What was offered before it came may have been sent only after that.
          assert.deepEqual(
            got.filter((value) => value >= since),
            happened.filter((value) => value >= since),
          );
        }
        const { dropped } = news.statistics();
        if (overflow === "wait") assert.equal(dropped, 0);
        else {
          const delivered = readers.reduce((sum, { got }) => sum + got.length, 0);
          const owed = sends.reduce((sum, send) => sum + send.readers, 0);
          assert.equal(delivered + dropped, owed, "delivered and dropped make up what was sent to each");
        }
      }),
      { numRuns: 300 },
    );
  });
});

class Reader {
  readonly receiver: Receiver<number>;
  /** How many values had been offered when it came. */
  readonly since: number;
  readonly got: number[] = [];
  open = true;

  constructor(receiver: Receiver<number>, since: number) {
    this.receiver = receiver;
    this.since = since;
  }

  read(): boolean {
    const value = this.receiver.tryReceive();
    if (value !== undefined) this.got.push(value);
    return value !== undefined;
  }

  leave(): void {
    while (this.read()) {}
    this.receiver.close();
    this.open = false;
  }
}
