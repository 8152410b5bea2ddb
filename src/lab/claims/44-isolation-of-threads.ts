import { sleep } from "../../core/waiting.ts";
import { portable } from "../../wire/portable.ts";
import { doesNotHold, experiment, holds, holdsWithALimit } from "./experiment.ts";
import { crashNatively } from "./failures.ts";
import type { Kit } from "./kit.ts";
import { nothing } from "./work.ts";

const kinds = ["exception", "rejection", "stack", "memory", "exit", "loop", "crash"] as const;
type Kind = (typeof kinds)[number];

const words: Readonly<Record<Kind, string>> = {
  exception: "an exception",
  rejection: "a lost rejection",
  stack: "a full stack",
  memory: "a full heap",
  exit: "process.exit",
  loop: "an endless loop",
  crash: "a native crash",
};

/** Fails as it is told. */
export const failBy = portable(import.meta, "claim44.failBy", async (kind: Kind): Promise<void> => {
  if (kind === "exception") throw new RangeError("an exception");
  if (kind === "rejection") void Promise.reject(new RangeError("nobody handles this"));
  if (kind === "stack") overflow();
  if (kind === "memory") for (const kept: number[][] = []; ; ) kept.push(new Array<number>(100_000).fill(kept.length));
  if (kind === "exit") process.exit(3);
  if (kind === "loop") for (;;);
  if (kind === "crash") crashNatively();
  await sleep(20);
});

function overflow(): number {
  return 1 + overflow();
}

export const isolationOfThreads = experiment({
  id: 44,
  statement: "The isolation of threads is low: what fails in one takes the others with it.",
  tried: "A thread fails in seven ways, each in a program of its own; do the main thread and another thread go on?",
  opposite: "The same in child processes.",
  async run({ program }) {
    const contained: Record<string, number> = {};
    for (const kind of kinds) contained[kind] = "measured" in (await program(kind)) ? 1 : 0;
    return contained;
  },
  parts: Object.fromEntries(kinds.map((kind) => [kind, (kit: Kit, variant: string) => fail(kit, variant === "claimed", kind)])),
  judge(contained) {
    const list = (value: number) =>
      kinds
        .filter((kind) => contained[kind] === value)
        .map((kind) => words[kind])
        .join(", ");
    const [alone, everything] = [list(1), list(0)];
    if (everything === "") return doesNotHold(`Contained: ${alone}.`);
    if (alone === "") return holds(`Everything ended with ${everything}.`);
    return holdsWithALimit(`Rather medium. Contained: ${alone}. Everything ended with ${everything}.`);
  },
});

async function fail({ openThreads, openProcesses }: Kit, onThread: boolean, kind: Kind) {
  const open = () => (onThread ? openThreads({ size: 1, memoryLimit: 48 }) : openProcesses({ size: 1, memoryLimit: 48 }));
  const [failing, other] = [open(), open()];
  await other.warm();
  // only the endless loop needs the limit
  const limits = kind === "loop" ? { timeout: 200, grace: 20 } : {};
  await failing
    .with(limits)
    .run(failBy, kind)
    .catch(() => {});
  await other.run(nothing);
  return { answered: 1 };
}
