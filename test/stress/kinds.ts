// The kinds of work: what each submits, what the right answer is, and how it is disturbed.
import type { Task, TaskOptions } from "../../src/runtime/index.ts";
import type { Arena, Pool } from "./arena.ts";
import { answers, type Expectation } from "./ledger.ts";
import * as work from "./work.ts";

/** How often each is chosen. */
export const kinds = {
  echo: 20,
  large: 2,
  compute: 8,
  nap: 8,
  polite: 6,
  keyed: 8,
  listen: 3,
  bytes: 3,
  report: 3,
  weird: 8,
  spawn: 2,
  map: 3,
  broadcast: 1,
  nested: 5,
  unclonable: 3,
  deaf: 2,
  die: 3,
  lateCrash: 1,
  target: 2,
} as const;
export type Kind = keyof typeof kinds;

/** Options on their way to be complete. */
export type OpenOptions = { -readonly [K in keyof TaskOptions]: TaskOptions[K] };

let keyedOrder = 0;

export interface Made {
  submit(pool: Pool): Task<unknown>;
  readonly value: Expectation["value"];
  disturb?(task: Task<unknown>): void;
}

/** What a submission of this kind is, and what it may bring; adds to the options and the failures of its own. */
export function make(arena: Arena, kind: Exclude<Kind, "map" | "broadcast">, n: number, options: OpenOptions, own: string[]): Made {
  const { dice, ledger } = arena;
  const ms = dice.between(0, 8);
  switch (kind) {
    case "echo": {
      const sent = dice.pick<unknown>([null, n, `text ${n}`, { deep: [n, new Map([[n, new Date(n)]])] }, [undefined, Number.NaN], 12n]);
      return { submit: (pool) => pool.run(work.echo, n, sent), value: answers(n, sent) };
    }
    case "large": {
      const sent = dice.bytes(dice.pick([20_000, 300_000]));
      return { submit: (pool) => pool.run(work.echo, n, sent), value: answers(n, sent) };
    }
    case "compute":
      return { submit: (pool) => pool.run(work.compute, n, ms), value: answers(n) };
    case "nap":
      return { submit: (pool) => pool.run(work.nap, n, ms), value: answers(n) };
    case "polite":
      return { submit: (pool) => pool.run(work.polite, n, ms * 3), value: answers(n) };
    case "spawn":
      return { submit: (pool) => pool.spawn(work.nap, n, ms), value: answers(n) };
    case "report":
      return { submit: (pool) => pool.run(work.report, n, ms * 4), value: answers(n), disturb: (task) => void readProgress(task) };
    case "keyed": {
      options.key = `key ${dice.between(0, 3)}`;
      const key = options.key;
      const order = ++keyedOrder;
      const isAnswer = answers(n);
      const value = (got: unknown): boolean => {
        const list = arena.entered.get(key) ?? [];
        list.push({ order, atNs: (got as work.Answer).atNs });
        arena.entered.set(key, list);
        return isAnswer(got);
      };
      return { submit: (pool) => pool.run(work.nap, n, dice.pick([0, 0, ms])), value };
    }
    case "listen": {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), ms).unref();
      return { submit: (pool) => pool.run(work.listen, n, controller.signal), value: answers(n) };
    }
    case "bytes": {
      const view = dice.bytes(dice.between(1, 5_000));
      const sum = view.reduce((total, byte) => total + byte, 0);
      const buffer = view.buffer as ArrayBuffer;
      const moved = dice.chance(0.5);
      if (moved) options.transfer = [buffer];
      const submit = (pool: Pool): Task<unknown> => {
        const task = pool.run(work.bytes, n, buffer);
        const kept = arena.closing || options.deadline === 0;
        if (!kept && moved !== (buffer.byteLength === 0)) ledger.violate(`bytes #${n}: ${moved ? "not " : ""}moved`);
        return task;
      };
      return { submit, value: answers(n, sum) };
    }
    case "weird": {
      own.push("any");
      const name = dice.pick(work.weirdNames);
      return { submit: (pool) => pool.run(work.weird, name), value: undefined };
    }
    case "nested": {
      const depth = dice.between(0, 2);
      // Its inner submissions are counted too, and only the pool knows how many there were.
      arena.submitted = Number.NaN;
      // An inner refusal or timeout is this one's failure.
      own.push("AbortError", "TimeoutError");
      return { submit: (pool) => pool.run(work.nested, n, arena.pool, depth, { n }), value: answers(n, { n }) };
    }
    case "unclonable": {
      own.push("NotSerializableError");
      return { submit: (pool) => pool.run(work.echo, n, { deep: [() => n] }), value: undefined };
    }
    case "deaf": {
      options.timeout = dice.between(5, 40);
      options.grace = dice.pick([0, 5, 20]);
      own.push("TimeoutError");
      ledger.count("kills by grace");
      return { submit: (pool) => pool.run(dice.chance(0.5) ? work.deafLoop : work.deafWait), value: undefined };
    }
    case "die": {
      const how = dice.pick(arena.level === "process" ? [0, 1, 9, 9] : [0, 1]);
      return {
        submit: (pool) => pool.run(work.die, how, dice.pick([0, 0, ms])),
        value: undefined,
        disturb: (task) => void timeDeath(arena, task),
      };
    }
    case "lateCrash":
      ledger.count("kills by late crash");
      return { submit: (pool) => pool.run(work.lateCrash, n), value: answers(n) };
    case "target":
      if (arena.level === "thread") return make(arena, "die", n, options, own);
      return { submit: (pool) => pool.run(work.target), value: undefined, disturb: (task) => void killFromOutside(arena, task) };
  }
}

async function readProgress(task: Task<unknown>): Promise<void> {
  let last = -1;
  for await (const each of task.progress) {
    // Retries begin again at 0.
    if (each !== 0 && (each as number) <= last) throw new RangeError(`reports out of order: ${each} after ${last}`);
    last = each as number;
  }
}

/** How long it takes from the death of a worker to the end of its task. */
async function timeDeath({ ledger }: Arena, task: Task<unknown>): Promise<void> {
  let diedAtNs: bigint | undefined;
  task.onDone((outcome) => {
    if (diedAtNs === undefined || outcome.state !== "failed" || (outcome.error as Error).name !== "WorkerLostError") return;
    ledger.latenciesMs.push(Number(process.hrtime.bigint() - diedAtNs) / 1e6);
  });
  for await (const each of task.progress) {
    diedAtNs = each as bigint;
    ledger.count("kills from inside");
  }
}

async function killFromOutside({ ledger }: Arena, task: Task<unknown>): Promise<void> {
  let killedAtNs: bigint | undefined;
  task.onDone((outcome) => {
    if (killedAtNs === undefined || outcome.state !== "failed" || (outcome.error as Error).name !== "WorkerLostError") return;
    ledger.latenciesMs.push(Number(process.hrtime.bigint() - killedAtNs) / 1e6);
  });
  for await (const pid of task.progress) {
    // A retried one is another process.
    if (task.state !== "running") continue;
    try {
      process.kill(pid as number, "SIGKILL");
      killedAtNs = process.hrtime.bigint();
      ledger.count("kills from outside");
    } catch {
      ledger.count("kills too late");
    }
  }
}
