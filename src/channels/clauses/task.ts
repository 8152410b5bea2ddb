// The clause of a task: ready when it has settled, with its result; its failure rejects the select. For one case only.
import { type CaseNode, notReady } from "../../core/clause.ts";
import type { LineNode } from "../../core/parked.ts";
import type { ScopedTask } from "../../core/task.ts";
import { QuietClause } from "./quiet.ts";

export class TaskClause<T> extends QuietClause<T> implements LineNode<void, unknown> {
  next: LineNode<void, unknown> | undefined = undefined;
  previous: LineNode<void, unknown> | undefined = undefined;
  readonly #task: ScopedTask<T>;
  #case: CaseNode | undefined = undefined;
  /** It failed between two rounds, and no round has told so yet. */
  #untold = false;

  constructor(task: ScopedTask<T>) {
    super();
    this.#task = task;
  }

  get waitingFor(): string {
    return `the end of the task ${this.#task.name}`;
  }

  get ready(): boolean {
    return true;
  }

  get select(): undefined {
    return undefined;
  }

  attempt(): T | typeof notReady {
    if (!this.#task.settled) return notReady;
    const { outcome } = this.#task;
    this.#untold = false;
    this.#task.observe();
    if (outcome?.state === "succeeded") return outcome.value;
    throw outcome?.error;
  }

  enlist(node: CaseNode): void {
    this.#case = node;
    this.#task.enlist(this);
  }

  delist(): void {
    this.#task.delist(this);
  }

  settle(): void {
    const { outcome } = this.#task;
    const node = this.#case as CaseNode;
    this.#untold = outcome?.state === "failed" && !node.ready;
    // Between two rounds too: the next one will tell.
    this.#task.observe();
    if (outcome?.state === "succeeded") node.settle(outcome.value);
    else node.fail(outcome?.error);
  }

  /** There is no next round: a failure must not vanish, so it is reported as that of a task that nobody observes. */
  override letGo(): void {
    const { outcome } = this.#task;
    if (this.#untold && outcome?.state === "failed") void Promise.reject(outcome.error);
  }

  fail(error: unknown): void {
    this.#case?.fail(error);
  }
}
