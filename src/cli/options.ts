// Values of options: text in, checked values out, or a `UsageError` that names the option.
import type { Level } from "../contract/portable.ts";
import { comparableLevels } from "../lab/compare/plan.ts";
import { suggestion } from "./nearest.ts";
import { UsageError } from "./usage-error.ts";

const mostWorkers = 1024;

/** A whole number from `least` on. Throws `UsageError`. */
export function parseCount(option: string, text: string, least: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`${option} must be a whole number of at least ${least}, got "${text}".`);
  }
  return value;
}

/** A time in ms above zero. Throws `UsageError`. */
export function parseMilliseconds(option: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  // a longer timer would fire at once
  if (!(value > 0 && value <= 2 ** 31 - 1)) throw new UsageError(`${option} must be a time in milliseconds above 0, got "${text}".`);
  return value;
}

/** `serial,thread` as levels. Throws `UsageError` with the nearest level for one that does not exist. */
export function parseLevels(text: string): Level[] {
  return parseList("--levels", text).map((name) => {
    const level = comparableLevels.find((known) => known === name);
    if (level !== undefined) return level;
    throw new UsageError(
      `--levels: there is no level "${name}".${suggestion(name, comparableLevels)} Levels are ${comparableLevels.join(", ")}.`,
    );
  });
}

/** `1,2,4` as numbers of workers. Throws `UsageError`. */
export function parseSizes(text: string): number[] {
  return parseList("--sizes", text).map((size) => {
    const count = parseCount("--sizes", size, 1);
    if (count > mostWorkers) throw new UsageError(`--sizes: ${size} workers are more than the ${mostWorkers} that can be compared.`);
    return count;
  });
}

/** `a,b` as words, each once. Throws `UsageError`. */
export function parseList(option: string, text: string): string[] {
  const list = text.split(",").map((part) => part.trim());
  if (list.includes("")) throw new UsageError(`${option} must be a list separated by commas, got "${text}".`);
  return [...new Set(list)];
}
