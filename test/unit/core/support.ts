// What the tests of the core share: handshakes instead of sleeps, and small ways to look at an end.
import { spawn } from "node:child_process";
import type { TaskState } from "../../../src/contract/task.ts";
import { sleep } from "../../../src/core/waiting.ts";

/** A promise of the platform that the test settles: what brigade cannot interrupt. */
export interface Gate<T> {
  readonly promise: Promise<T>;
  readonly open: (value: T) => void;
  readonly fail: (error: unknown) => void;
}

export function gate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** Lets everything run that can run without time passing. */
export async function quiet(turns = 4): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** What a promise rejects with; throws when it does not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got the value ${String(value)}`);
}

/** Waits until it is cancelled. */
export function forever(): Promise<void> {
  return sleep(Number.POSITIVE_INFINITY);
}

/** Code that takes no notice of a cancel until the test lets it go. */
export function stubborn(hold: Gate<void>): () => Promise<void> {
  return () => hold.promise;
}

/** The states that a task goes through, each once. */
export function stateLog(task: { readonly state: TaskState }): { readonly states: TaskState[]; look(): void } {
  const states: TaskState[] = [];
  const look = () => {
    if (states.at(-1) !== task.state) states.push(task.state);
  };
  look();
  return { states, look };
}

/** What a program did. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const door = new URL("../../../src/runtime/index.js", import.meta.url).href;

/** Runs a program of its own that begins by importing everything of the everyday door as `brigade`; kills it after 30 s. */
export function program(body: string): Promise<Finished> {
  const source = `import * as brigade from ${JSON.stringify(door)};\n${body}`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-"], { timeout: 30_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(source);
  });
}

/** Everything that comes, in order. */
export async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of results) list.push(value);
  return list;
}

/** A source that counts what was taken from it, and whether it was closed. */
export class Source<T> {
  taken = 0;
  closed = 0;
  opened = 0;
  readonly #items: readonly T[];
  constructor(items: readonly T[]) {
    this.#items = items;
  }
  *[Symbol.iterator](): Generator<T, void, undefined> {
    this.opened++;
    try {
      for (const item of this.#items) {
        this.taken++;
        yield item;
      }
    } finally {
      this.closed++;
    }
  }
}
