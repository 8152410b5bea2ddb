// The machine's constants by themselves, for who needs no table: the few experiments behind them, short.
import { CancelledError } from "../../contract/errors.ts";
import type { ProgramSettings } from "../compare/program.ts";
import { rowsOf } from "./catalog.ts";
import { constantRows, constantsOf, type MachineConstants } from "./constants.ts";
import { runMatrix } from "./measure-matrix.ts";
import type { Extent } from "./plan.ts";

const extent: Extent = { rounds: 2, onceRounds: 1, timeMs: 30, limitMs: 4_000, endMs: 60_000 };

/** Measures the constants in some 4 s on an idle machine: three experiments on three levels, twice. Parks the task meanwhile. Rejects with
 *  `CancelledError` after `signal`; every program it started is gone then. */
export async function calibrate(
  settings: ProgramSettings,
  { signal, seed = 1 }: { readonly signal?: AbortSignal | undefined; readonly seed?: number | undefined } = {},
): Promise<MachineConstants> {
  const matrix = await runMatrix({ rows: rowsOf(constantRows), quick: true, extent, seed, signal }, settings);
  if (matrix.interrupted) throw new CancelledError("The calibration was cancelled.", { cause: signal?.reason });
  return constantsOf(matrix);
}
