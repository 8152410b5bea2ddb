// Canonical text of a value: equal values, equal text, whatever level they came from. One token a line — `path = leaf` — so that
// two texts can be hashed to compare thousands of results in little memory, and two lines can be shown where they part.
// Order of Map and Set entries counts, order of an object's keys does not. An object met twice is written once.
import { createHash } from "node:crypto";
import { WorkerLostError } from "../../contract/errors.ts";

/** How one item ended. */
export type ItemOutcome = { readonly value: unknown } | { readonly error: unknown };

type Emit = (path: string, leaf: string) => void;

/** Bytes of a digest: 96 bits, so that a billion results still do not collide. */
export const digestBytes = 12;

/** Hash of an outcome's canonical text. */
export function digest(outcome: ItemOutcome): Buffer {
  const hash = createHash("sha256");
  let pending = "";
  walkOutcome(outcome, (path, leaf) => {
    pending += `${path} = ${leaf}\n`;
    if (pending.length < 65_536) return;
    hash.update(pending);
    pending = "";
  });
  return hash.update(pending).digest().subarray(0, digestBytes);
}

/** Canonical lines of an outcome, at most `limit` of them. */
export function canonicalLines(outcome: ItemOutcome, limit = 20_000): string[] {
  const lines: string[] = [];
  walkOutcome(outcome, (path, leaf) => {
    if (lines.length < limit) lines.push(`${path} = ${leaf.length > 2000 ? `${leaf.slice(0, 2000)}…` : leaf}`);
  });
  return lines;
}

function walkOutcome(outcome: ItemOutcome, emit: Emit): void {
  if ("value" in outcome) walk(outcome.value, "result", emit, new Map());
  else emit("error", canonicalError(outcome.error));
}

/** How a worker died is told differently by a thread and a process, with its name in the message; that it died is the same. */
function canonicalError(error: unknown): string {
  return error instanceof WorkerLostError ? error.name : describeError(error);
}

/** Class and message: what a caller can act on. Stacks and own properties differ between levels by nature. */
export function describeError(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
    if (typeof error === "object" && error !== null) return `thrown object ${Object.prototype.toString.call(error)}`;
    return `thrown ${typeof error} ${String(error)}`;
  } catch {
    // a throwing getter or `toString` must not take the measurement down
    return "thrown object that cannot be read";
  }
}

const longestPath = 400;

/** An explicit stack instead of recursion: results may be deeper than the call stack. */
function walk(root: unknown, rootPath: string, emit: Emit, seen: Map<object, number>): void {
  const stack: (readonly [path: string, value: unknown, depth: number])[] = [[rootPath, root, 0]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [whole, value, depth] = next;
    // a path as long as the value is deep would make the text quadratic; the depth keeps shortened ones apart
    const path = whole.length > longestPath ? `${whole.slice(0, longestPath / 2)}…(${depth})` : whole;
    if (typeof value !== "object" || value === null) {
      emit(path, leaf(value));
      continue;
    }
    const earlier = seen.get(value);
    if (earlier !== undefined) {
      emit(path, `object ${earlier} again`);
      continue;
    }
    seen.set(value, seen.size);
    const children = open(path, value, emit);
    for (const [childPath, child] of children.reverse()) stack.push([childPath, child, depth + 1]);
  }
}

function leaf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return `function ${value.name}`;
  return String(value);
}

/** Emits the head of an object and returns its parts in canonical order. */
function open(path: string, value: object, emit: Emit): (readonly [string, unknown])[] {
  if (Array.isArray(value)) {
    emit(path, `array of ${value.length}`);
    return own(value, (key) => (/^\d+$/.test(key) ? `${path}[${key}]` : `${path}.${key}`));
  }
  if (value instanceof Map) {
    emit(path, `Map of ${value.size}`);
    return [...value].flatMap(([key, item], i) => [[`${path}.keys()[${i}]`, key] as const, [`${path}.values()[${i}]`, item] as const]);
  }
  if (value instanceof Set) {
    emit(path, `Set of ${value.size}`);
    return [...value].map((item, i) => [`${path}.values()[${i}]`, item] as const);
  }
  if (value instanceof Error) {
    emit(path, describeError(value));
    return value.cause === undefined ? [] : [[`${path}.cause`, value.cause]];
  }
  const text = atom(value);
  if (text !== undefined) {
    emit(path, text);
    return [];
  }
  emit(path, "object");
  return own(value, (key) => (/^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`)).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
}

/** Objects that are written in one line. A Buffer is the bytes it views: far levels bring back plain `Uint8Array`s. */
function atom(value: object): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Date invalid" : `Date ${value.toISOString()}`;
  if (value instanceof RegExp) return `RegExp ${value.source} flags ${value.flags}`;
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return `boxed ${leaf(value.valueOf())}`;
  if (ArrayBuffer.isView(value)) {
    const kind = Buffer.isBuffer(value) ? "Uint8Array" : Object.prototype.toString.call(value).slice(8, -1);
    return `${kind} ${hex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))}`;
  }
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return `ArrayBuffer ${hex(new Uint8Array(value))}`;
  return undefined;
}

/** Long runs of bytes as a hash: the text must not become larger than the value. */
function hex(bytes: Uint8Array): string {
  if (bytes.length <= 64) return `${bytes.length} bytes ${Buffer.from(bytes).toString("hex")}`;
  return `${bytes.length} bytes sha256 ${createHash("sha256").update(bytes).digest("hex")}`;
}

function own(value: object, pathOf: (key: string) => string): (readonly [string, unknown])[] {
  return Object.keys(value).map((key) => {
    try {
      return [pathOf(key), (value as Readonly<Record<string, unknown>>)[key]] as const;
    } catch {
      return [pathOf(key), "(getter that throws)"] as const;
    }
  });
}
