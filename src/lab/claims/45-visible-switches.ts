import { portable } from "../../wire/portable.ts";
import { grouped } from "../text/units.ts";
import { doesNotHold, experiment, holds, undecided } from "./experiment.ts";
import { compute } from "./work.ts";

const pairs = 20_000;

/** Writes to the cell until it is told to end. */
export const keepWriting = portable(import.meta, "claim45.keepWriting", (cell: Int32Array): void => {
  while (cell[1] === 0) {
    cell[0] = ((cell[0] ?? 0) + 1) | 0;
    // without it the loop would read `cell[1]` once
    compute(1);
  }
});

export const visibleSwitches = experiment({
  id: 45,
  statement: "A switch is visible at every await: nothing else runs between two statements without one.",
  tried:
    "Other coroutines are always ready to change a variable; it is read twice in succession 20,000 times, without and with an await in between.",
  opposite: "The variable lies in shared memory, and another thread changes it.",
  async run(kit, variant) {
    const cell = new Int32Array(new SharedArrayBuffer(8));
    const writer = variant === "opposite" ? kit.openThreads({ size: 1 }).run(keepWriting, cell) : undefined;
    while (writer !== undefined && cell[0] === 0) await new Promise(setImmediate);
    let over = false;
    const others = Array.from({ length: 3 }, () =>
      kit.coroutines.run(async () => {
        while (!over) {
          if (!writer) cell[0] = (cell[0] ?? 0) + 1;
          await undefined;
        }
      }),
    );
    const [without, with_] = await kit.coroutines.run(async () => [changesBetween(cell), await changesAcross(cell)] as const);
    over = true;
    cell[1] = 1;
    await Promise.all([...others, writer]);
    return { pairs, changedWithoutAwait: without, changedAcrossAwait: with_ };
  },
  judge({ pairs, changedWithoutAwait, changedAcrossAwait }) {
    const seen = `Between two readings without an await it had changed ${grouped(changedWithoutAwait)} times in ${grouped(pairs)}, across an await ${grouped(changedAcrossAwait)} times.`;
    if (changedWithoutAwait > 0) return doesNotHold(seen);
    // who could have changed it has to have been there
    return changedAcrossAwait > pairs / 2 ? holds(seen) : undecided(`${seen} Those who were to change it hardly ran.`);
  },
});

function changesBetween(cell: Int32Array): number {
  let changed = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const before = cell[0];
    compute(100);
    if (cell[0] !== before) changed++;
  }
  return changed;
}

async function changesAcross(cell: Int32Array): Promise<number> {
  let changed = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const before = cell[0];
    await undefined;
    if (cell[0] !== before) changed++;
  }
  return changed;
}
