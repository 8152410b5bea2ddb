// What the home of a channel makes of messages: of those that cannot be, of values that never arrived, and what it keeps.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { coreOfChannel } from "../../../../src/channels/channel.ts";
import { handleOf } from "../../../../src/channels/remote/handles.ts";
import type { LowerLink } from "../../../../src/channels/remote/lower-link.ts";
import { Answer, RECEIVE, RESERVE, SEND, Up } from "../../../../src/channels/remote/messages.ts";
import { pack } from "../../../../src/channels/remote/packed.ts";
import { PacketReader, PacketWriter } from "../../../../src/channels/remote/packets.ts";
import { openDownwards } from "../../../../src/channels/remote/roads.ts";
import { type EndHandle, travellingEnds } from "../../../../src/channels/remote/travelling-ends.ts";
import { placeOfChannel } from "../../../../src/channels/shared/promote.ts";
import { Channel } from "../../../../src/runtime/index.ts";
import { settled } from "../support.ts";

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

interface Below {
  readonly link: LowerLink;
  readonly distrusted: unknown[];
  readonly sent: { readonly bytes: Uint8Array }[];
  say(write: (out: PacketWriter) => void, seen?: number): void;
}

function below(): Below {
  const distrusted: unknown[] = [];
  const sent: { readonly bytes: Uint8Array }[] = [];
  const link = openDownwards({ sharesMemory: false, send: ({ payload }) => sent.push(payload) }, (error) => distrusted.push(error));
  const say = (write: (out: PacketWriter) => void, seen = 0) => {
    const out = new PacketWriter().u32(seen);
    write(out);
    const { bytes, attachments } = out.take();
    link.arrived(bytes, attachments);
  };
  return { link, distrusted, sent, say };
}

/** Has the channel under the number 1. */
function having(channel: Channel<unknown>): Below {
  const side = below();
  const id = String(handleOf(channel, false)?.handle["id"]);
  side.say((out) => out.u8(Up.HAVE).u32(1).text(id));
  assert.deepEqual(side.distrusted, []);
  return side;
}

const begin = (out: PacketWriter, number: number, kind: number, value?: unknown): PacketWriter => {
  out.u8(Up.BEGIN).u32(number).u8(0).u32(1).u32(1).u32(0).u8(kind);
  if (kind === SEND) {
    const { bytes, attachments } = pack(value, false);
    out.value(bytes, attachments).u32(0);
  }
  return out;
};

describe("a side below that cannot be trusted", () => {
  const channel = () => new Channel<unknown>(2);
  const bad: Readonly<Record<string, (out: PacketWriter) => void>> = {
    "a message of no kind": (out) => out.u8(99),
    "a channel that it does not have": (out) => out.u8(Up.CLOSE).u32(7).u8(0),
    "a channel that was never given away": (out) => out.u8(Up.HAVE).u32(2).text("guessed"),
    "a number of a channel used twice": (out) => out.u8(Up.HAVE).u32(1).text("any"),
    "an operation used twice": (out) => begin(begin(out, 1, RECEIVE), 1, RECEIVE),
    "an operation that was never begun": (out) => out.u8(Up.WITHDRAW).u32(5),
    "an operation of no kind": (out) => begin(out, 1, 77),
    "a permit that it does not hold": (out) => out.u8(Up.GIVE_BACK).u32(3),
    "no cases": (out) => out.u8(Up.BEGIN).u32(1).u8(0).u32(0),
    "values given back that it never had": (out) => out.u8(Up.RETURN).u32(1).u32(1),
    "more cases than bytes": (out) => out.u8(Up.BEGIN).u32(1).u8(0).u32(9_999).u32(1),
    "half a message": (out) => out.u8(Up.BEGIN).u32(1),
    "a length beyond the message": (out) =>
      out
        .u8(Up.HAVE)
        .u32(2)
        .u32(2 ** 31),
    "a channel that moves to where it is": (out) => out.u8(Up.MOVE).u32(2).text(""),
  };
  for (const [what, write] of Object.entries(bad)) {
    test(`${what}: it is ended, and nobody else notices`, async () => {
      const shared = channel();
      const [one, other] = [having(shared), having(shared)];
      one.say(write);
      assert.equal(one.distrusted.length, 1);
      assert.ok(one.distrusted[0] instanceof RangeError);
      assert.deepEqual(one.link.sizes, { channels: 0, ends: 0, operations: 0, permits: 0, unseen: 0 });
      other.say((out) => begin(out, 1, SEND, "a"));
      assert.deepEqual(other.distrusted, []);
      assert.equal(await shared.receive(), "a");
      assert.equal(shared.statistics().waitingReceivers, 0);
    });
  }

  test("more values taken over than were sent", () => {
    const side = having(channel());
    side.say(() => {}, 1);
    assert.equal(side.distrusted.length, 1);
  });
});

describe("values that never arrived", () => {
  test("go back in order, to those who wait and before what is buffered", async () => {
    const channel = new Channel<unknown>(4);
    const side = having(channel);
    for (const value of ["a", "b", "c"]) await channel.send(value);
    side.say((out) => begin(begin(begin(out, 1, RECEIVE), 2, RECEIVE), 3, RECEIVE));
    await settled();
    assert.equal(side.link.sizes.unseen, 3);
    const waiting = channel.receive();
    side.link.ended();
    assert.equal(await waiting, "a");
    assert.deepEqual([channel.tryReceive(), channel.tryReceive(), channel.tryReceive()], ["b", "c", undefined]);
  });

  test("what was taken over stays taken", async () => {
    const channel = new Channel<unknown>(4);
    const side = having(channel);
    for (const value of ["a", "b"]) await channel.send(value);
    side.say((out) => begin(begin(out, 1, RECEIVE), 2, RECEIVE));
    side.say(() => {}, 1);
    side.link.ended();
    assert.deepEqual([channel.tryReceive(), channel.tryReceive()], ["b", undefined]);
  });
});

describe("values of a channel in shared memory that never arrived", () => {
  const shared = (capacity: number): Channel<unknown> => {
    const channel = new Channel<unknown>(capacity);
    placeOfChannel(coreOfChannel(channel));
    return channel;
  };
  const gone = { channels: 0, ends: 0, operations: 0, permits: 0, unseen: 0 };

  test("go back in order, to those who wait and before what is buffered", async () => {
    const channel = shared(4);
    const side = having(channel);
    for (const value of ["a", "b", "c", "d"]) await channel.send(value);
    side.say((out) => begin(begin(begin(out, 1, RECEIVE), 2, RECEIVE), 3, RECEIVE));
    await until(() => side.link.sizes.unseen === 3);
    assert.equal(channel.tryReceive(), "d");
    const waiting = channel.receive();
    side.link.ended();
    await channel.send("e");
    assert.equal(await waiting, "a");
    assert.deepEqual([channel.tryReceive(), channel.tryReceive(), channel.tryReceive(), channel.tryReceive()], ["b", "c", "e", undefined]);
  });

  test("with those that were on their way to be told", async () => {
    const channel = shared(4);
    const side = having(channel);
    for (const value of ["a", "b", "c", "d"]) await channel.send(value);
    side.say((out) => begin(out, 1, RECEIVE));
    await until(() => side.link.sizes.unseen === 1);
    side.say((out) => begin(begin(out, 2, RECEIVE), 3, RECEIVE));
    assert.deepEqual([channel.statistics().buffered, side.link.sizes.unseen], [1, 1]);
    side.link.ended();
    await until(() => channel.statistics().buffered === 4);
    assert.deepEqual([channel.tryReceive(), channel.tryReceive(), channel.tryReceive(), channel.tryReceive()], ["a", "b", "c", "d"]);
    assert.deepEqual(side.link.sizes, gone);
  });

  test("of a select, too", async () => {
    const [channel, other] = [shared(2), new Channel<unknown>(2)];
    const side = having(channel);
    const id = String(handleOf(other, false)?.handle["id"]);
    for (const value of ["a", "b"]) await channel.send(value);
    side.say((out) => {
      out.u8(Up.HAVE).u32(2).text(id).u8(Up.BEGIN).u32(1).u8(0).u32(2);
      for (const which of [1, 2]) out.u32(which).u32(0).u8(RECEIVE);
    });
    await until(() => side.link.sizes.unseen === 1);
    side.link.ended();
    assert.deepEqual([channel.tryReceive(), channel.tryReceive(), channel.tryReceive()], ["a", "b", undefined]);
    assert.deepEqual(side.link.sizes, gone);
  });
});

describe("values that somebody further below never had", () => {
  test("come back in order, as many as were taken over at most", async () => {
    const channel = new Channel<unknown>(4);
    const side = having(channel);
    for (const value of ["a", "b", "c"]) await channel.send(value);
    side.say((out) => begin(begin(out, 1, RECEIVE), 2, RECEIVE));
    const giveBack = (...values: readonly string[]) => {
      return (out: PacketWriter) => {
        out.u8(Up.RETURN).u32(1).u32(values.length);
        for (const value of values) out.u32(0).value(pack(value, false).bytes, []).u32(0);
      };
    };
    side.say(giveBack("a", "b"), 2);
    assert.deepEqual([channel.tryReceive(), channel.tryReceive(), channel.tryReceive()], ["a", "b", "c"]);
    side.say(giveBack("a"));
    assert.equal(side.distrusted.length, 1);
    assert.equal(channel.tryReceive(), undefined);
  });
});

describe("what is kept for a side below", () => {
  test("shrinks to nothing: operations that were answered, withdrawn or done, permits and channels let go", async () => {
    const channel = new Channel<unknown>(2);
    const side = having(channel);
    for (let n = 1; n <= 1_000; n += 4) {
      side.say((out) => begin(out, n, SEND, n), 0);
      side.say((out) => begin(out, n + 1, RECEIVE));
      side.say(
        (out) =>
          begin(out, n + 2, RECEIVE)
            .u8(Up.WITHDRAW)
            .u32(n + 2),
        1,
      );
      side.say((out) =>
        begin(out, n + 3, RESERVE)
          .u8(Up.GIVE_BACK)
          .u32(n + 3),
      );
    }
    assert.deepEqual(side.distrusted, []);
    assert.deepEqual(side.link.sizes, { channels: 1, ends: 0, operations: 0, permits: 0, unseen: 0 });
    side.say((out) => out.u8(Up.LET_GO).u32(1));
    assert.equal(side.link.sizes.channels, 0);
    const { buffered, waitingReceivers, waitingSenders } = channel.statistics();
    assert.deepEqual([buffered, waitingReceivers, waitingSenders], [0, 0, 0]);
    assert.equal(channel.trySend(1) && channel.trySend(2) && !channel.trySend(3), true);
  });

  test("an end is known by name until it is closed, or its last holder is gone", () => {
    const before = travellingEnds();
    const channel = new Channel<unknown>(2);
    const side = having(channel);
    for (const end of [channel.sender(), channel.receiver()]) {
      const found = handleOf(end, false);
      assert.ok(found !== undefined);
      const { end: id, giver } = found.handle as unknown as EndHandle;
      const number = side.link.sizes.ends + 1;
      const sends = number === 1 ? 1 : 0;
      side.say((out) => out.u8(Up.HAVE_END).u32(1).u32(number).u8(sends).text(id).text(giver));
    }
    assert.equal(travellingEnds(), before + 2);
    assert.equal(side.link.sizes.ends, 2);
    side.say((out) => out.u8(Up.CLOSE_END).u32(1).u32(1).u8(0));
    assert.equal(channel.closed, true);
    side.link.ended();
    assert.deepEqual(side.distrusted, []);
    assert.equal(travellingEnds(), before);
  });

  test("a withdrawal that comes too late is not answered twice", async () => {
    const channel = new Channel<unknown>(2);
    const side = having(channel);
    await channel.send("a");
    side.say((out) => begin(out, 1, RECEIVE).u8(Up.WITHDRAW).u32(1));
    await settled();
    const kinds: number[] = [];
    for (const { bytes } of side.sent) {
      const packet = new PacketReader(bytes, []);
      assert.equal(packet.u32(), 1);
      packet.u32();
      kinds.push(packet.u8());
    }
    assert.deepEqual(kinds, [Answer.VALUE]);
  });
});
