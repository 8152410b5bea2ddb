// The form of a fault, and how one is injected: on an executor of its own, followed by a ledger, and with a proof afterwards
// that the executor still works and that nothing is left.
import assert from "node:assert/strict";
import type { Executor, ProcessOptions, Task } from "../../src/runtime/index.ts";
import { type Capability, lackOf, type Place, type TestLevel } from "./capabilities.ts";
import { entered, failureOf, Ground, patienceMs, within } from "./ground.ts";
import { type Account, Ledger } from "./ledger.ts";
import { double, hold } from "./tasks.ts";

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  readonly needs?: readonly Capability[];
  /** Injects it and checks every outcome. Gives the executor if that must still work. */
  readonly inject: (scene: Scene) => Promise<Executor | undefined>;
}

/** The ground of a fault. */
export class Scene {
  readonly ground: Ground;
  readonly ledger = new Ledger();
  /** How long it took until the fault was found out, in ms. */
  detectedMs: number | undefined;

  constructor(level: TestLevel, shared: Executor | undefined) {
    this.ground = new Ground(level, level, shared);
  }

  /** For faults that no worker dies of. */
  get shared(): Executor {
    return this.ground.shared;
  }

  get level(): TestLevel {
    return this.ground.level;
  }

  /** The time from now on until the promise has settled is that of the detection; checked against a limit with a wide margin. */
  readonly detected = async <T>(outcome: PromiseLike<T>, limitMs: number): Promise<T> => {
    const start = performance.now();
    const value = await outcome;
    this.detectedMs = performance.now() - start;
    assert.ok(this.detectedMs < limitMs, `found out after ${this.detectedMs} ms`);
    return value;
  };

  /** The same for a task that reports the instant of its end (`process.hrtime.bigint()`) and then comes to it; gives its error. Call it in the
   *  tick of the submission. */
  readonly sinceLastWords = async (task: Task<unknown>, limitMs: number): Promise<unknown> => {
    const failure = failureOf(task);
    let saidNs: unknown;
    for await (const said of task.progress) saidNs = said;
    const error = await failure;
    assert.ok(typeof saidNs === "bigint", "it has said when it ends");
    this.detectedMs = Number(process.hrtime.bigint() - saidNs) / 1e6;
    assert.ok(this.detectedMs < limitMs, `found out after ${this.detectedMs} ms`);
    return error;
  };

  readonly has = (capability: Capability): boolean => lackOf(this.level as Place, capability) === undefined;

  readonly open = (options?: ProcessOptions): Executor => this.ground.open(options);

  readonly follow = <T>(task: Task<T>): Task<T> => this.ledger.follow(task);

  /** A task at work on a worker of its own; what happens to others must not reach it. */
  readonly neighbour = async (executor: Executor): Promise<() => Promise<void>> => {
    const door = this.ground.gate();
    const task = this.follow(executor.run(hold, door.signal, "untouched"));
    await entered(task);
    return async () => {
      door.open();
      assert.equal(await within(task, "the neighbour ends"), "untouched");
    };
  };
}

/** Injects a fault on a level; on `shared` when no worker dies of it. The account is given also when a check fails. */
export async function inject(
  level: TestLevel,
  fault: Fault,
  shared?: Executor,
): Promise<{ readonly account: Account; readonly error: unknown }> {
  const scene = new Scene(level, shared);
  let error: unknown;
  try {
    const executor = await fault.inject(scene);
    if (executor) assert.equal(await within(scene.follow(executor.run(double, 21)), "the executor works afterwards"), 42);
  } catch (thrown) {
    error = thrown;
  }
  try {
    await scene.ground.dispose();
  } catch (thrown) {
    error ??= thrown;
  }
  const { detectedMs } = scene;
  const account = { ...(await scene.ledger.close(patienceMs)), ...(detectedMs === undefined ? {} : { detectedMs }) };
  if (account.lost > 0) error ??= new assert.AssertionError({ message: `${account.lost} task(s) lost` });
  return { account, error };
}
