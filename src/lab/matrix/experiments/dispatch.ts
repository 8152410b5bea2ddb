// What one task costs above its work, on a unit that is there already: alone, among many, and for each byte that goes with it.
import type { Experiment } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";
import { largeBytes, largeMessage } from "../means/means.ts";
import { microseconds } from "../samples.ts";

const inFlight = 1_000;
/** Objects of a payload, and what they are as JSON. */
const records = Array.from({ length: 2_000 }, (_, id) => ({
  id,
  name: `item ${id}`,
  price: id / 7,
  tags: ["new", "sale"],
  sold: id % 3 === 0,
}));
const recordBytes = JSON.stringify(records).length;

/** Figures: `aloneUs`, `manyUs`, `bytesNsPerKB`, `objectsNsPerKB`. */
export const dispatch: Experiment = {
  id: "dispatch",
  title: "sending tasks",
  levels: matrixLevels,
  async run(level, host) {
    const pool = level === "coroutine" ? host.open({ size: Number.POSITIVE_INFINITY }) : host.open();
    await pool.run(host.tasks.nothing);
    const share = host.timeMs / 2;
    const aloneUs = await microseconds(async (n) => {
      for (let i = 0; i < n; i++) await pool.run(host.tasks.nothing);
    }, share);
    const thousandUs = await microseconds(async (n) => {
      for (let i = 0; i < n; i++) await Promise.all(Array.from({ length: inFlight }, () => pool.run(host.tasks.nothing)));
    }, share);
    const figures = { aloneUs, manyUs: thousandUs.map((us) => us / inFlight) };
    if (level === "coroutine") {
      const why = "arguments are references: nothing is copied";
      return { figures, missing: { bytesNsPerKB: why, objectsNsPerKB: why } };
    }
    const large = largeMessage();
    const bytesUs = await microseconds(async (n) => {
      for (let i = 0; i < n; i++) await pool.run(host.tasks.weigh, large);
    }, share);
    const objectsUs = await microseconds(async (n) => {
      for (let i = 0; i < n; i++) await pool.run(host.tasks.tally, records);
    }, share);
    const alone = [...aloneUs].sort((a, b) => a - b)[aloneUs.length >> 1] ?? 0;
    const perKB = (us: readonly number[], bytes: number) => us.map((one) => (Math.max(0, one - alone) * 1000) / (bytes / 1024));
    return { figures: { ...figures, bytesNsPerKB: perKB(bytesUs, largeBytes), objectsNsPerKB: perKB(objectsUs, recordBytes) } };
  },
};
