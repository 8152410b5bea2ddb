// Turns handed over by two words in memory: one thread, or process, calls and blocks until the other has answered.
import type { Executor } from "../../contract/executor.ts";
import { sleep } from "../../core/waiting.ts";
import { portable } from "../../wire/portable.ts";
import type { CommonGround } from "./kit.ts";
import { wallMs } from "./meters.ts";

/** Whoever does not answer for so long is dead. */
const patienceMs = 20_000;

/** Says that it is there, then answers so many calls. */
export const answerCalls = portable(import.meta, "claims.answerCalls", ({ there, back }: CommonGround, calls: number): void => {
  back.set();
  for (let call = 0; call < calls; call++) {
    there.waitSync(patienceMs);
    there.clear();
    back.set();
  }
});

/** Time of one call, there and back, in µs. Blocks this thread during the calls. */
export async function callsThroughMemory(
  pool: Executor<"thread"> | Executor<"process">,
  ground: CommonGround,
  calls: number,
): Promise<number> {
  const { there, back } = ground;
  await pool.warm();
  const answering = pool.run(answerCalls, ground, calls);
  // by looking: only the calls are to wait in the kernel
  while (!back.isSet) await sleep(1);
  back.clear();
  const ms = await wallMs(() => {
    for (let call = 0; call < calls; call++) {
      there.set();
      back.waitSync(patienceMs);
      back.clear();
    }
  });
  await answering;
  return (ms * 1000) / calls;
}
