import { median } from "../compare/statistics.ts";
import { digits } from "../text/units.ts";
import { doesNotHold, experiment, holds, holdsWithALimit, undecided } from "./experiment.ts";
import { repeat } from "./figures.ts";
import type { Kit } from "./kit.ts";
import { callsThroughMemory } from "./memory-calls.ts";
import { wallMs } from "./meters.ts";
import { echoProcess, echoThread, type Peer } from "./peers.ts";

const [trips, rounds] = [200, 7] as const;
/** One round may be disturbed. */
const enough = rounds - 1;

export const costsInOrder = experiment({
  id: 34,
  statement: "Switching costs least between coroutines, more between threads, most between processes; and so does communication.",
  tried: "Turns handed over and short messages sent, there and back, to a coroutine, a thread and a process, seven rounds in turns.",
  opposite: "The coroutine's part is done by a process and the process's by a coroutine.",
  async run(kit, variant) {
    const [thread, process] = [await echoThread(), await echoProcess()];
    const [coroutine, far] = variant === "claimed" ? [echoCoroutine(kit), process] : [process, echoCoroutine(kit)];
    const handOvers = await memoryHandOvers(kit);
    const messages = await repeat(rounds, async () => ({
      coroutine: await messageUs(coroutine),
      thread: await messageUs(thread),
      process: await messageUs(far),
    }));
    const switches = await repeat(rounds, async () => ({
      coroutine: variant === "claimed" ? await awaitUs() : await handOvers.process(),
      thread: await handOvers.thread(),
      process: variant === "claimed" ? await handOvers.process() : await awaitUs(),
    }));
    await Promise.all([thread.end(), process.end()]);
    return { ...inWords("switch", switches), ...inWords("message", messages) };
  },
  judge(m) {
    const seen = `There and back: a switch ${digits(m.switchCoroutineUs)}, ${digits(m.switchThreadUs)}, ${digits(m.switchProcessUs)} µs; a message ${digits(m.messageCoroutineUs)}, ${digits(m.messageThreadUs)}, ${digits(m.messageProcessUs)} µs (coroutine, thread, process).`;
    if (m.switchCoroutineFirst === 0 || m.messageCoroutineFirst === 0) return doesNotHold(seen);
    if (m.switchCoroutineFirst < enough || m.messageCoroutineFirst < enough) return undecided(`${seen} The rounds do not agree.`);
    if (m.switchProcessLast >= enough && m.messageProcessLast >= enough) return holds(seen);
    const equal = [m.switchProcessLast < enough ? "switch" : "", m.messageProcessLast < enough ? "message" : ""].filter(Boolean);
    return holdsWithALimit(
      `A coroutine is the cheapest, but a ${equal.join(" and a ")} between processes was not always dearer than between threads. ${seen}`,
    );
  },
});

type Three = Readonly<Record<"coroutine" | "thread" | "process", number>>;

function inWords<N extends string>(name: N, rounds: readonly Three[]) {
  return {
    [`${name}CoroutineUs`]: median(rounds.map(({ coroutine }) => coroutine)),
    [`${name}ThreadUs`]: median(rounds.map(({ thread }) => thread)),
    [`${name}ProcessUs`]: median(rounds.map(({ process }) => process)),
    [`${name}CoroutineFirst`]: rounds.filter(({ coroutine, thread, process }) => coroutine < thread && coroutine < process).length,
    [`${name}ProcessLast`]: rounds.filter(({ thread, process }) => process > thread).length,
  } as Record<`${N}${"CoroutineUs" | "ThreadUs" | "ProcessUs" | "CoroutineFirst" | "ProcessLast"}`, number>;
}

function echoCoroutine({ coroutines, newChannel }: Kit): Peer {
  const [there, back] = [newChannel<unknown>(), newChannel<unknown>()];
  const echo = coroutines.run(async () => {
    for await (const message of there) await back.send(message);
  });
  return {
    async ask(message) {
      await there.send(message);
      return await back.receive();
    },
    end: async () => {
      await echo.stop();
    },
  };
}

async function messageUs(peer: Peer): Promise<number> {
  const ms = await wallMs(async () => {
    for (let trip = 0; trip < trips; trip++) await peer.ask({ dish: "soup", table: trip });
  });
  return (ms * 1000) / trips;
}

async function awaitUs(): Promise<number> {
  const walk = async (): Promise<void> => {
    for (let hop = 0; hop < 10_000; hop++) await undefined;
  };
  return (1000 * (await wallMs(() => Promise.all([walk(), walk()])))) / 10_000;
}

/** Turns handed over by a word in memory: with a thread, and with a process where there is memory between processes, else by messages. */
async function memoryHandOvers(kit: Kit): Promise<{ thread(): Promise<number>; process(): Promise<number> }> {
  const [threads, processes] = [kit.openThreads({ size: 1 }), kit.openProcesses({ size: 1 })];
  const [here, far] = [kit.memoryBetweenThreads(64), kit.memoryBetweenProcesses(64)];
  const peer = await echoProcess();
  return {
    thread: () => callsThroughMemory(threads, here, trips),
    process: () => (far ? callsThroughMemory(processes, far, trips) : messageUs(peer)),
  };
}
