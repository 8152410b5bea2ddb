// What a cost model needs to know of the machine, read from rows of the matrix: starting a worker, sending a task, carrying bytes, memory.
import { quantile } from "../compare/statistics.ts";
import type { Matrix, MatrixRow } from "../report.ts";
import { type MatrixLevel, matrixLevels } from "./experiment.ts";

/** A figure with the interval in which the true one lies with a probability of some 90 %, as far as its samples tell. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of one level. What its level does not have (copies between coroutines) is 0; what could not be measured is `undefined`. */
export interface LevelConstants {
  /** From asking for a worker to its first answer, code compiled and files cached; ms. */
  readonly startMs: Estimate | undefined;
  /** From asking an idle worker to go until it is gone; ms. */
  readonly endMs: Estimate | undefined;
  /** An empty task sent alone, there and back; µs. */
  readonly taskAloneUs: Estimate | undefined;
  /** An empty task of many under way: what the sender spends on each; µs. */
  readonly taskOfManyUs: Estimate | undefined;
  /** A KB of bytes, or of small objects counted as JSON, with a task; ns. */
  readonly bytesNsPerKB: Estimate | undefined;
  readonly objectsNsPerKB: Estimate | undefined;
  /** What one more worker holds in memory that nobody else has; bytes. */
  readonly memoryBytes: Estimate | undefined;
}

/** Of each level of the matrix. */
export type MachineConstants = Readonly<Record<MatrixLevel, LevelConstants>>;

const rowIds = {
  startMs: "create-warm",
  endMs: "end",
  taskAloneUs: "dispatch",
  taskOfManyUs: "dispatch-many",
  bytesNsPerKB: "payload-bytes",
  objectsNsPerKB: "payload-objects",
  memoryBytes: "memory-private",
} as const satisfies Readonly<Record<keyof LevelConstants, string>>;

/** The rows that constants are read from: all that a calibration has to measure. */
export const constantRows: readonly string[] = Object.values(rowIds);

const copied = new Set<string>([rowIds.bytesNsPerKB, rowIds.objectsNsPerKB]);

/** Reads the constants from a matrix that has these rows; what it lacks is `undefined`. */
export function constantsOf(matrix: Matrix): MachineConstants {
  const rows = new Map(matrix.rows.map((row) => [row.id, row]));
  const level = (name: MatrixLevel): LevelConstants => {
    const of = (id: string): Estimate | undefined =>
      name === "coroutine" && copied.has(id) ? { value: 0, low: 0, high: 0 } : estimate(rows.get(id), name);
    return {
      startMs: of(rowIds.startMs),
      endMs: of(rowIds.endMs),
      taskAloneUs: of(rowIds.taskAloneUs),
      taskOfManyUs: of(rowIds.taskOfManyUs),
      bytesNsPerKB: of(rowIds.bytesNsPerKB),
      objectsNsPerKB: of(rowIds.objectsNsPerKB),
      memoryBytes: of(rowIds.memoryBytes),
    };
  };
  return Object.fromEntries(matrixLevels.map((name) => [name, level(name)])) as unknown as MachineConstants;
}

function estimate(row: MatrixRow | undefined, level: MatrixLevel): Estimate | undefined {
  const value = row?.values[level];
  if (value === undefined) return undefined;
  const [low, high] = medianInterval(row?.samples?.[level] ?? []) ?? [value, value];
  return { value, low, high };
}

/** Wilson's interval of a proportion at 90 %, for the share of the distribution that lies below its sample median; the quantiles of the
 *  samples there are where the true median lies. Free of any shape of the distribution; of few samples it is nearly their range. */
function medianInterval(samples: readonly number[]): readonly [number, number] | undefined {
  if (samples.length < 2) return undefined;
  const z = 1.645;
  const half = z / (2 * Math.sqrt(samples.length + z * z));
  return [quantile(samples, 0.5 - half), quantile(samples, 0.5 + half)];
}
