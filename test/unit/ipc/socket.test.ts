// Sockets between programs that know nothing of each other but a path.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BrokenChannelError, Channel, ChannelClosedError, NotSerializableError, openProcesses, select, TimeoutError } from "brigade";
import { openSocket, openSocketServer, type SocketConnection } from "brigade/unstable/ipc";
import { descriptors, eventually } from "./support.ts";
import * as tasks from "./tasks.ts";

const isWindows = process.platform === "win32";
const peerFile = fileURLToPath(new URL("./peer.js", import.meta.url));
let folder: string;
let made = 0;
/** A fresh path. */
const place = (): string => (isWindows ? `\\\\.\\pipe\\brigade-test-${process.pid}-${++made}` : join(folder, `s${++made}`));
const sockets = (): number => descriptors().filter((path) => path.startsWith("socket:")).length;
/** Before any test. */
const atFirst = sockets();

/** Both sides of one connection, in this program. */
async function pair<A, B>(options = {}) {
  const path = place();
  const server = await openSocketServer<A, B>(path, options);
  const client = await openSocket<B, A>(path, options);
  const served = (await server.connections.receive()) as SocketConnection<A, B>;
  await server.close();
  return {
    client,
    served,
    [Symbol.dispose]() {
      client.close();
      served.close();
    },
  };
}

/** What is no brigade: connects and writes. */
function stranger(path: string, bytes: Uint8Array): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("error", reject);
    socket.once("connect", () => {
      if (bytes.byteLength > 0) socket.write(bytes);
      socket.resume();
      resolve(socket);
    });
  });
}
const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once("close", resolve).on("error", () => undefined));
const hello = Buffer.concat([Buffer.from("brigade/ipc"), Buffer.of(1)]);

before(() => {
  folder = mkdtempSync(join(tmpdir(), "brigade-socket-test-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("a socket", () => {
  test("carries values both ways, each way closed by itself", async () => {
    using both = await pair<string, number>();
    const { client, served } = both;
    await client.sender.send(1);
    await served.sender.send("one");
    assert.equal(await served.receiver.receive(), 1);
    client.sender.close();
    assert.equal(await served.receiver.receive(), undefined);
    // The other way goes on.
    await served.sender.send("two");
    served.sender.close(new RangeError("no three"));
    assert.equal(await client.receiver.receive(), "one");
    assert.equal(await client.receiver.receive(), "two");
    await assert.rejects(client.receiver.receive(), RangeError);
  });

  test("a receiving end that is closed is told to the sender, whose own receiving goes on", async () => {
    using both = await pair<string, string>();
    const { client, served } = both;
    served.receiver.close();
    const until = (async () => {
      for (;;) await client.sender.send("?");
    })();
    await assert.rejects(until, BrokenChannelError);
    await served.sender.send("still here");
    assert.equal(await client.receiver.receive(), "still here");
  });

  test("what was sent before closing arrives", async () => {
    using both = await pair<Uint8Array, never>();
    const { client, served } = both;
    await served.sender.send(new Uint8Array(2_000_000).fill(3));
    served.close();
    const got = await client.receiver.receive();
    assert.equal(got?.byteLength, 2_000_000);
    assert.equal(await client.receiver.receive(), undefined);
  });

  test("a sender without a reader waits, and a cancelled send has not happened", async () => {
    using both = await pair<string, never>();
    const { client, served } = both;
    const value = "x".repeat(10_000);
    let sent = 0;
    // The other side reads a chunk ahead, so there is room again for a moment.
    const flood = async () => {
      for (;;) {
        await served.sender.send(value, { timeout: 100 });
        sent++;
      }
    };
    await assert.rejects(flood(), TimeoutError);
    assert.ok(sent < 200, `${sent}`);
    const stop = new Channel<void>(1);
    const chosen = select({ sent: served.sender.sending("never"), stop: stop.receiving() });
    await stop.send();
    assert.equal((await chosen).key, "stop");
    served.sender.close();
    let got = 0;
    for await (const value of client.receiver) {
      assert.equal(value.length, 10_000);
      got++;
    }
    assert.equal(got, sent);
  });

  test("closing on both sides leaves nothing open", async () => {
    for (const order of ["client first", "server first"]) {
      const { client, served } = await pair<number, number>();
      await client.sender.send(1);
      const [first, second] = order === "client first" ? [client, served] : [served, client];
      first.close();
      await assert.rejects(first.sender.send(2), ChannelClosedError);
      second.close();
    }
    if (process.platform === "linux") assert.ok(await eventually(() => sockets() <= atFirst), `${sockets() - atFirst}`);
  });

  test("cannot be given to a task, which says what to do", async () => {
    using both = await pair<number, number>();
    await using pool = openProcesses({ size: 1 });
    await assert.rejects(pool.run(tasks.take, both.client.sender), (error: Error) => {
      return error instanceof NotSerializableError && /connect from there/.test(error.message);
    });
  });

  test("between a child and its parent: the child connects", async () => {
    const path = place();
    await using server = await openSocketServer<string, string>(path);
    await using pool = openProcesses({ size: 2 });
    const asked = [pool.run(tasks.askAt, path, "a"), pool.run(tasks.askAt, path, "b")];
    for (let n = 0; n < 2; n++) {
      using connection = (await server.connections.receive()) as SocketConnection<string, string>;
      await connection.sender.send(`re: ${await connection.receiver.receive()}`);
    }
    assert.deepEqual(await Promise.all(asked), ["re: a", "re: b"]);
  });
});

describe("a socket between unrelated programs", () => {
  const peers: ChildProcess[] = [];
  after(() => {
    for (const peer of peers) peer.kill("SIGKILL");
  });
  async function meet() {
    const path = place();
    const server = await openSocketServer<unknown, unknown>(path);
    const peer = spawn(process.execPath, [peerFile, path], { stdio: "inherit" });
    peers.push(peer);
    const connection = (await server.connections.receive({ timeout: 20_000 })) as SocketConnection<unknown, unknown>;
    return { connection, peer, [Symbol.asyncDispose]: () => server.close() };
  }

  test("talks, and ends when it is closed", async () => {
    await using met = await meet();
    const ended = new Promise((resolve) => met.peer.once("exit", resolve));
    await met.connection.sender.send(["any", new Set([1])]);
    assert.deepEqual(await met.connection.receiver.receive(), { said: ["any", new Set([1])], pid: met.peer.pid });
    met.connection.sender.close();
    assert.equal(await met.connection.receiver.receive(), undefined);
    assert.equal(await ended, 0);
  });

  test("errors arrive as what they are", async () => {
    await using met = await meet();
    await met.connection.sender.send("fail");
    await assert.rejects(met.connection.receiver.receive(), /as you wish/);
    met.connection.close();
  });

  test("the other program is killed: both ends know", async () => {
    await using met = await meet();
    await met.connection.sender.send("die");
    await assert.rejects(
      met.connection.receiver.receive(),
      (error: Error) => error instanceof BrokenChannelError && /ended without being closed/.test(error.message),
    );
    await assert.rejects(met.connection.sender.send("anybody?"), BrokenChannelError);
  });
});

describe("a server of a socket", () => {
  test("is reached by its user alone, and removes its socket", { skip: isWindows }, async () => {
    const path = join(folder, "made", "for", "it", "s");
    const server = await openSocketServer(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, "made")).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(join(folder, "made", "for", "it")), ["s"]);
    await server.close();
    await server.close();
    assert.equal(existsSync(path), false);
    assert.equal(await server.connections.receive(), undefined);
    await assert.rejects(openSocket(path), (error: Error) => error instanceof BrokenChannelError && /ENOENT/.test(error.message));
  });

  test("does not take the place of another that lives, but of one that is dead", { skip: isWindows }, async () => {
    const path = place();
    const first = await openSocketServer(path);
    await assert.rejects(openSocketServer(path), /Another program serves/);
    await first.close();
    // What a program leaves that was killed.
    const dying = spawn(process.execPath, [
      "-e",
      `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`,
    ]);
    await new Promise((resolve) => dying.once("exit", resolve));
    assert.equal(existsSync(path), true);
    const next = await openSocketServer(path);
    using client = await openSocket(path);
    assert.ok(client);
    await next.close();
  });

  test("leaves alone what is no socket, and where others may write", { skip: isWindows }, async () => {
    const file = place();
    writeFileSync(file, "mine");
    await assert.rejects(openSocketServer(file), /no socket/);
    const open = join(folder, "open");
    const inOpen = join(open, "s");
    await (await openSocketServer(inOpen)).close();
    chmodSync(open, 0o777);
    await assert.rejects(openSocketServer(inOpen), /Others may write in .*: serve in a directory that only you can write/);
  });

  test("paths that cannot be are refused by name", async () => {
    await assert.rejects(openSocketServer(""), TypeError);
    await assert.rejects(openSocket("a\0b"), TypeError);
    await assert.rejects(openSocket(7 as never), TypeError);
    if (!isWindows) await assert.rejects(openSocketServer(join(folder, "x".repeat(120))), /may have \d+ bytes on this system/);
  });

  test("garbage costs whoever sends it his connection, and nobody else", async () => {
    const path = place();
    await using server = await openSocketServer<number, number>(path);
    using client = await openSocket<number, number>(path);
    using served = (await server.connections.receive()) as SocketConnection<number, number>;
    for (const garbage of ["GET / HTTP/1.1\r\n\r\n", "brigade/ipd.....", Buffer.concat([hello.subarray(0, 11), Buffer.of(9)])]) {
      await closed(await stranger(path, Buffer.from(garbage as string)));
    }
    // One that says hello and then garbage is a connection, and breaks.
    const late = await stranger(path, Buffer.concat([hello, Buffer.from([0xff, 0xff, 0xff, 0xff, 1])]));
    const broken = (await server.connections.receive()) as SocketConnection<number, number>;
    await assert.rejects(
      broken.receiver.receive(),
      (error: Error) => error instanceof BrokenChannelError && /what came is nothing/.test(error.message),
    );
    await assert.rejects(broken.sender.send(1), BrokenChannelError);
    await closed(late);
    // And one that stops in the middle.
    const cut = await stranger(path, Buffer.concat([hello, Buffer.from([9, 0, 0, 0, 1, 2])]));
    const half = (await server.connections.receive()) as SocketConnection<number, number>;
    cut.end();
    await assert.rejects(half.receiver.receive(), /in the middle of a value/);
    await client.sender.send(1);
    assert.equal(await served.receiver.receive(), 1);
  });

  test("one that says nothing keeps nobody else waiting", async () => {
    const path = place();
    await using server = await openSocketServer<number, number>(path);
    const silent = await stranger(path, new Uint8Array());
    using client = await openSocket<number, number>(path);
    using served = (await server.connections.receive()) as SocketConnection<number, number>;
    await client.sender.send(2);
    assert.equal(await served.receiver.receive(), 2);
    const gone = closed(silent);
    await server.close();
    await gone;
  });

  test("closes those whom nobody has received, and leaves the others", async () => {
    const path = place();
    const server = await openSocketServer<number, number>(path);
    using first = await openSocket<number, number>(path);
    using received = (await server.connections.receive()) as SocketConnection<number, number>;
    using second = await openSocket<number, number>(path);
    // The server has its hello when it has answered, or soon after: a silent one is destroyed, one that waits is closed.
    await server.close();
    await second.receiver.receive().catch((error: unknown) => assert.ok(error instanceof BrokenChannelError));
    await first.sender.send(1);
    assert.equal(await received.receiver.receive(), 1);
  });

  test("connections that are dropped are closed", { skip: process.platform !== "linux" }, async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const path = place();
    await using server = await openSocketServer<number, number>(path);
    const meet = async () => {
      const client = await openSocket<number, number>(path);
      await server.connections.receive();
      return client;
    };
    const client = await meet();
    let seen: unknown;
    void client.receiver.receive().catch((error: unknown) => {
      seen = error;
    });
    const isSeen = await eventually(() => {
      collect();
      return seen !== undefined;
    });
    client.close();
    assert.ok(isSeen, "nobody has closed the other side");
    assert.ok(seen instanceof BrokenChannelError, String(seen));
  });

  test("of another version, or none of ours, is told from one of ours", async () => {
    for (const [answer, message] of [
      [Buffer.concat([hello.subarray(0, 11), Buffer.of(2)]), /speaks version 2 of this protocol, and this one speaks 1/],
      [Buffer.from("220 smtp ready\r\n"), /no socket of brigade/],
      [Buffer.alloc(0), /closed it before it said who it is/],
    ] as const) {
      const path = place();
      const other = createServer((socket) => socket.on("error", () => undefined).end(answer));
      await new Promise<void>((resolve) => other.listen(path, resolve));
      await assert.rejects(openSocket(path), (error: Error) => error instanceof BrokenChannelError && message.test(error.message));
      other.close();
    }
  });

  test("that never answers is given up in time, and by a cancel", async () => {
    const path = place();
    const held: Socket[] = [];
    const other = createServer((socket) => held.push(socket));
    await new Promise<void>((resolve) => other.listen(path, resolve));
    await assert.rejects(openSocket(path, { timeout: 20 }), TimeoutError);
    await assert.rejects(openSocket(path, { signal: AbortSignal.abort() }));
    for (const socket of held) socket.destroy();
    other.close();
  });
});
