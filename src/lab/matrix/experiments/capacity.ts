// How many units fit into a budget: they are really made, one after the other, until what they hold in memory exceeds it.
import type { Executor } from "../../../contract/executor.ts";
import { type ProcessBooks, readBooks } from "../books.ts";
import type { Experiment, MatrixHost } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";

/** Bytes of the budget. */
export const budgetBytes = 128 * 2 ** 20;

const coroutinesAtOnce = 5_000;
const mostMs = { full: 12_000, quick: 6_000 } as const;

/** Figure: `units`. */
export const capacity: Experiment = {
  id: "capacity",
  title: "how many fit",
  levels: matrixLevels,
  once: true,
  async run(level, host) {
    const endsMs = performance.now() + mostMs[host.quick ? "quick" : "full"];
    const add = level === "coroutine" ? coroutines(host) : level === "thread" ? threads(host) : processes(host);
    // the first is not counted: what its level needs once is not its own
    await add();
    const startBytes = (await add()).heldBytes;
    let units = 0;
    let last = { units: 0, heldBytes: startBytes };
    for (;;) {
      const { heldBytes, made } = await add();
      if (heldBytes - startBytes > budgetBytes) {
        // the part of the last step that still fitted
        const share = (budgetBytes - (last.heldBytes - startBytes)) / (heldBytes - last.heldBytes);
        return { figures: { units: [Math.floor(units + made * share)] } };
      }
      units += made;
      last = { units, heldBytes };
      if (performance.now() > endsMs)
        return {
          figures: {},
          missing: { units: `the time was over at ${units}, which took ${Math.round((heldBytes - startBytes) / 2 ** 20)} MB` },
        };
    }
  },
};

/** Makes a few more units and says what all of them hold now. */
type Add = () => Promise<{ readonly made: number; readonly heldBytes: number }>;

function held({ privateBytes, residentBytes }: ProcessBooks): number {
  return privateBytes ?? residentBytes;
}

function coroutines(host: MatrixHost): Add {
  const loop = host.open({ size: Number.POSITIVE_INFINITY });
  return async () => {
    for (let i = 0; i < coroutinesAtOnce; i++) void loop.run(host.tasks.rest);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return { made: coroutinesAtOnce, heldBytes: held(readBooks()) };
  };
}

function threads(host: MatrixHost): Add {
  const units: Executor[] = [];
  return async () => {
    const unit = host.open();
    await unit.run(host.tasks.nothing);
    units.push(unit);
    return { made: 1, heldBytes: held(readBooks()) };
  };
}

function processes(host: MatrixHost): Add {
  let heldBytes = 0;
  return async () => {
    const unit = host.open();
    heldBytes += held(await unit.run(host.tasks.books));
    return { made: 1, heldBytes };
  };
}
