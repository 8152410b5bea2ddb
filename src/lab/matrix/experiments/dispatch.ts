// What one task costs above its work, on a unit that is there already: alone, among many, and for each byte that goes with it.
import { median } from "../../compare/statistics.ts";
import type { Experiment, Observation } from "../experiment.ts";
import { matrixLevels } from "../experiment.ts";
import { largeBytes, largeMessage } from "../means/means.ts";
import { added, microseconds } from "../samples.ts";

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
    const empty = async (n: number) => {
      for (let i = 0; i < n; i++) await pool.run(host.tasks.nothing);
    };
    const bytes = await added(
      empty,
      async (n) => {
        for (let i = 0; i < n; i++) await pool.run(host.tasks.weigh, large);
      },
      share,
    );
    const objects = await added(
      empty,
      async (n) => {
        for (let i = 0; i < n; i++) await pool.run(host.tasks.tally, records);
      },
      share,
    );
    return both({ figures }, perKB("bytesNsPerKB", bytes, largeBytes), perKB("objectsNsPerKB", objects, recordBytes));
  },
};

/** A cost that comes out at nothing has not been seen: no task carries a megabyte for free. */
function perKB(figure: string, us: readonly number[], bytes: number): Observation {
  return median(us) > 0
    ? { figures: { [figure]: us.map((one) => (one * 1000) / (bytes / 1024)) } }
    : { figures: {}, missing: { [figure]: "smaller than the noise: the machine was busy" } };
}

function both(...observations: readonly Observation[]): Observation {
  return {
    figures: Object.assign({}, ...observations.map(({ figures }) => figures)) as Observation["figures"],
    missing: Object.assign({}, ...observations.map(({ missing }) => missing)) as Observation["missing"],
  };
}
