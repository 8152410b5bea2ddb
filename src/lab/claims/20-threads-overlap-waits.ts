import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { range, repeat, side, times } from "./figures.ts";
import { wallMs } from "./meters.ts";

const [requests, answerMs] = [4, 120] as const;

/** One request. */
export const fetchFrom = portable(import.meta, "claim20.fetchFrom", async (port: number): Promise<number> => {
  const [response] = (await once(get({ port, host: "127.0.0.1", agent: false }), "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode ?? 0;
});

export const threadsOverlapWaits = experiment({
  id: 20,
  statement: "Threads overlap waits for input and output.",
  tried: "Four threads ask a local server that answers after 120 ms; the whole in units of one answer, three times.",
  opposite: "One thread asks four times.",
  async run(kit, variant) {
    const server = createServer((_request, response) => setTimeout(() => response.end("done"), answerMs));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const pool = kit.openThreads({ size: variant === "claimed" ? requests : 1 });
    const ask = () => Promise.all(Array.from({ length: requests }, () => pool.run(fetchFrom, port)));
    await pool.warm();
    await ask();
    const walls = await repeat(3, () => wallMs(ask));
    server.close();
    return range(
      "waits",
      walls.map((wall) => wall / answerMs),
    );
  },
  judge(measured) {
    const seen = `The four took ${times("waits", measured)} as long as one.`;
    if (side("waits", measured, 2) === "below") return holds(seen);
    return side("waits", measured, 3) === "above" ? doesNotHold(seen) : undecided(`${seen} Something else held the machine.`);
  },
});
