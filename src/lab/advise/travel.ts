// Sends arguments and results through the value codec without sending them anywhere: whether they can travel, how large they are,
// and what coding them costs on either side.
import { NotSerializableError } from "../../contract/errors.ts";
import { decode, encode } from "../../wire/codec.ts";
import { exportedClass, resolveClass } from "../../wire/module-namespaces.ts";
import type { ItemOutcome } from "../compare/canonical.ts";
import type { Travel } from "./profile.ts";

const budgetMs = 40;
const mostSamples = 200;

/** Codes samples back and forth within a budget. Never throws for what cannot travel: it says so. */
export function tryTravel(inputs: readonly unknown[], outcomes: ReadonlyMap<number, ItemOutcome>): Travel {
  const total = { bytesIn: 0, bytesOut: 0, hereMs: 0, thereMs: 0 };
  const startedAt = performance.now();
  let samples = 0;
  for (const [item, outcome] of outcomes) {
    // twice, and the better of the two: the first time pays for the compiler, and flattens strings that were put together
    const input = there([inputs[item]], "arguments");
    if ("refusal" in input) return { possible: false, what: "argument", reason: input.refusal };
    // a failure travels as an error, which is small
    const result = "value" in outcome ? there(outcome.value, "result") : nothing;
    if ("refusal" in result) return { possible: false, what: "result", reason: result.refusal };
    total.bytesIn += input.bytes;
    total.bytesOut += result.bytes;
    total.hereMs += input.codeMs + result.decodeMs;
    total.thereMs += input.decodeMs + result.codeMs;
    if (++samples >= mostSamples || performance.now() - startedAt > budgetMs) break;
  }
  const of = (sum: number) => sum / Math.max(1, samples);
  return { possible: true, bytesIn: of(total.bytesIn), bytesOut: of(total.bytesOut), hereMs: of(total.hereMs), thereMs: of(total.thereMs) };
}

/** One value on its way. */
interface Way {
  readonly bytes: number;
  readonly codeMs: number;
  readonly decodeMs: number;
}

const nothing: Way = { bytes: 0, codeMs: 0, decodeMs: 0 };

/** The better of two ways, or why there is none. */
function there(value: unknown, root: "arguments" | "result"): Way | { readonly refusal: string } {
  let best: Way | undefined;
  try {
    for (let time = 0; time < 2; time++) {
      const startedAt = performance.now();
      const { bytes } = encode(value, { root, exportedClass });
      const between = performance.now();
      decode({ bytes }, { root, resolveClass });
      const codeMs = between - startedAt;
      const decodeMs = performance.now() - between;
      best = {
        bytes: bytes.length,
        codeMs: Math.min(codeMs, best?.codeMs ?? codeMs),
        decodeMs: Math.min(decodeMs, best?.decodeMs ?? decodeMs),
      };
    }
  } catch (error) {
    if (error instanceof NotSerializableError) return { refusal: error.message };
    throw error;
  }
  return best ?? nothing;
}
