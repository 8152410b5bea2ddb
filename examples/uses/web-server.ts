// Use: a web server that holds 10,000 connections on one thread, and computes off that thread.
//
//   node --import tsx examples/uses/web-server.ts [connections] [on-loop]
//
// Visitors subscribe (server-sent events) and stay: coroutines hold them, which costs kilobytes each. Meanwhile others ask for something that
// takes a processor. With `on-loop` that is computed where the connections are held, and everybody waits for it.
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Channel, checkpoint, coroutines, isMainLevel, openProcesses, portable, sleep, threads, withTaskGroup } from "brigade";

/** How many primes there are below `limit`. */
export const countPrimes = portable("countPrimes", (limit: number): number => {
  let count = 0;
  for (let n = 2; n < limit; n++) {
    let prime = true;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (prime) count++;
  }
  return count;
});

/** Visitors from another process, so that the server's memory is the server's: each subscribes, reads events, and stays until told to leave. */
export const visit = portable("visit", async (port: number, visitors: number): Promise<number> => {
  let events = 0;
  const sockets: Socket[] = [];
  const visitor = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => socket.write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
      sockets.push(socket);
      socket.setEncoding("utf8").on("error", reject);
      socket.on("data", (text: string) => {
        events += text.split("data: ").length - 1;
      });
      socket.on("close", () => resolve());
    });
  const all: Promise<void>[] = [];
  // Not all in one instant: the line of connections that nobody has accepted yet is short.
  for (let n = 0; n < visitors; n++) {
    all.push(visitor());
    if (n % 100 === 99) await sleep(5);
  }
  await Promise.all(all); // the server closes
  return events;
});

if (isMainLevel()) {
  const connections = wholeNumber(process.argv[2] ?? "10000", "connections");
  const onLoop = process.argv[3] === "on-loop";
  const primes = 300_000;

  const guests = new Set<ServerResponse>();
  const arrived = new Channel<void>(Number.POSITIVE_INFINITY);
  const server = createServer(async (request, response) => {
    if (request.url === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream", connection: "close" }).flushHeaders();
      guests.add(response);
      response.on("close", () => guests.delete(response));
      arrived.trySend();
      return;
    }
    response.end(`${onLoop ? countPrimes(primes) : await threads.run(countPrimes, primes)}\n`);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 4_096, resolve));
  const { port } = server.address() as AddressInfo;

  await threads.warm(1);
  const before = process.memoryUsage().rss;
  const street = openProcesses({ size: 2, name: "visitors" });
  const share = [Math.ceil(connections / 2), Math.floor(connections / 2)].filter((count) => count > 0);
  const visits = share.map((count) => street.run(visit, port, count));
  for (let n = 0; n < connections; n++) await Promise.race([arrived.receive(), ...visits]);
  const perConnection = (process.memoryUsage().rss - before) / connections / 1_024;
  console.log(`${guests.size} connections are held by one thread, about ${perConnection.toFixed(1)} KB each`);

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let rounds = 0;
  let open = true;
  // Ten thousand writes are work, too: the checkpoint lets others go on in between.
  const ticking = coroutines.run(async function tick() {
    while (open || rounds < 2) {
      rounds++;
      for (const guest of guests) {
        guest.write(`data: tick ${rounds}\n\n`);
        await checkpoint();
      }
      await sleep(250);
    }
  });
  const answers = await withTaskGroup(async (group) => {
    const asked = Array.from({ length: 8 }, () => group.run(async () => (await fetch(`http://127.0.0.1:${port}/primes`)).text()));
    return Promise.all(asked);
  });
  open = false;
  await ticking;
  delay.disable();
  console.log(`8 visitors had ${new Set(answers).size === 1 ? answers[0]?.trim() : "different numbers of"} primes below ${primes} counted`);
  console.log(
    `meanwhile the event loop stood still for at most ${Math.round(delay.max / 1e6)} ms (${onLoop ? "computed on it" : "computed on threads"})`,
  );

  for (const guest of guests) guest.end();
  const events = (await Promise.all(visits)).reduce((sum, count) => sum + count, 0);
  console.log(`${events} events were delivered in ${rounds} rounds`);
  server.close();
  await street.close();
}

function wholeNumber(text: string, what: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  console.error(`${what} must be a whole number above 0, not ${text}`);
  process.exit(2);
}
