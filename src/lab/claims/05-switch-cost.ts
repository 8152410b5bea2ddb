import { digits, factor } from "../text/units.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";
import { kernelSwitches, wallMs } from "./meters.ts";
import { echoThread } from "./peers.ts";

const hops = 200_000;
const messages = 2_000;

export const switchCost = experiment({
  id: 5,
  statement: "Switching between coroutines costs about as much as a function call, and involves no kernel.",
  tried: "Two coroutines take turns 400,000 times; nanoseconds and context switches of the kernel for each, beside as many function calls.",
  opposite: "Two threads take turns by messages.",
  async run(_kit, variant) {
    callMany();
    const callMs = await wallMs(callMany);
    await turns(10_000);
    const before = kernelSwitches();
    const switches = variant === "claimed" ? 2 * hops : 2 * messages;
    const takenMs = await wallMs(() => (variant === "claimed" ? turns(hops) : betweenThreads()));
    const after = kernelSwitches();
    return {
      callNs: (callMs * 1e6) / (2 * hops),
      switchNs: (takenMs * 1e6) / switches,
      kernelSwitchesPer1000: ((after.waiting - before.waiting) * 1000) / switches,
    };
  },
  judge({ callNs, switchNs, kernelSwitchesPer1000 }) {
    const seen = `A switch takes ${digits(switchNs)} ns, ${factor(switchNs / callNs)} times a call (${digits(callNs)} ns), with ${digits(kernelSwitchesPer1000)} switches of the kernel in 1,000.`;
    // garbage is collected with the help of other threads, so now and then the kernel has a part in anything
    if (kernelSwitchesPer1000 > 100) return doesNotHold(seen);
    return switchNs < 3 * callNs ? holds(seen) : holdsWithALimit(`No kernel, but dearer than a call. ${seen}`);
  },
});

async function turns(each: number): Promise<void> {
  const walk = async (): Promise<void> => {
    for (let hop = 0; hop < each; hop++) await undefined;
  };
  await Promise.all([walk(), walk()]);
}

async function betweenThreads(): Promise<void> {
  const peer = await echoThread();
  for (let message = 0; message < messages; message++) await peer.ask(message);
  await peer.end();
}

/** Different functions behind one call, so that none is put in its place. */
const callees = Array.from({ length: 8 }, (_, index) => new Function("n", `return n + ${index}`) as (n: number) => number);

function callMany(): number {
  let sum = 0;
  for (let call = 0; call < 2 * hops; call++) sum = callees[call & 7]?.(sum & 1023) ?? 0;
  return sum;
}
