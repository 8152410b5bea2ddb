import { WorkerLostError } from "../../contract/errors.ts";
import type { Executor } from "../../contract/executor.ts";
import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";
import { compute, roundsFor } from "./work.ts";

/** Ways of dying in the middle of a task. */
const deaths = ["crash", "memory", "exit"] as const;

export const die = portable(import.meta, "claim23.die", (how: (typeof deaths)[number]): void => {
  if (how === "crash") process.kill(process.pid, "SIGSEGV");
  if (how === "exit") process.exit(7);
  const kept: number[][] = [];
  // until the heap is full; a signal to oneself may take a moment to arrive, too
  for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
});

type Survival = Record<"deaths" | "clearErrors" | "others" | "othersDone" | "poolGoesOn", number>;

async function dieBeside(pool: Executor<"thread"> | Executor<"process">): Promise<Survival> {
  await pool.warm();
  const rounds = roundsFor(20);
  const dying = deaths.map((how) => pool.run(die, how).catch((error: unknown) => error));
  const others = [1, 2, 3, 4, 5, 6].map(() =>
    pool.run(compute, rounds).then(
      () => true,
      () => false,
    ),
  );
  const errors = await Promise.all(dying);
  return {
    deaths: errors.length,
    clearErrors: errors.filter((error) => error instanceof WorkerLostError && error.message.length > 0).length,
    others: others.length,
    othersDone: (await Promise.all(others)).filter(Boolean).length,
    poolGoesOn: (await pool.run(compute, 1).catch(() => undefined)) === undefined ? 0 : 1,
  };
}

export const crashesContained = experiment({
  id: 23,
  statement: "A crash of one process leaves the others running, and loses only its own task, with a clear error.",
  tried: "Tasks in child processes die of SIGSEGV, of a full heap, and by process.exit, beside six tasks that compute.",
  opposite: "The same on threads of one program.",
  async run(kit, variant): Promise<Survival> {
    if (variant === "claimed") return dieBeside(kit.openProcesses({ size: 4, memoryLimit: 64 }));
    const end = await kit.program("threads");
    if ("measured" in end) return end.measured as Survival;
    return { deaths: deaths.length, clearErrors: 0, others: 6, othersDone: 0, poolGoesOn: 0 };
  },
  parts: { threads: (kit) => dieBeside(kit.openThreads({ size: 4, memoryLimit: 64 })) },
  judge({ deaths, clearErrors, others, othersDone, poolGoesOn }) {
    const seen = `${clearErrors} of ${deaths} deaths ended in an error of their own task alone; ${othersDone} of ${others} other tasks finished.`;
    return clearErrors === deaths && othersDone === others && poolGoesOn === 1 ? holds(seen) : doesNotHold(seen);
  },
});
