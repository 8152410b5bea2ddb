// The serial level: one task at a time, in order of submission, on this thread.
//
// Work submitted by a running serial task runs inside it: waiting behind its own parent would be a deadlock. So each
// running task has a lane of its own for what it submits, one at a time again, and the lane above goes on only when the
// task has returned and its lane is empty.
import type { Level } from "../../contract/portable.ts";
import type { CancelScope } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import { Injector } from "../pool/injector.ts";
import { LocalCore, type LocalCoreOptions, type LocalEntry } from "../pool/local-core.ts";

interface Lane {
  readonly queue: Injector<LocalEntry>;
  /** A task of this lane runs, or its inner lane is not empty. */
  inner: Lane | undefined;
  /** The task of this lane that runs has not returned. */
  occupied: boolean;
}

function newLane(): Lane {
  return { queue: new Injector(), inner: undefined, occupied: false };
}

/** Nothing runs or waits in a lane or inside it. */
function isQuiet(lane: Lane): boolean {
  for (let each: Lane | undefined = lane; each; each = each.inner) {
    if (each.occupied || each.queue.length > 0) return false;
  }
  return true;
}

export class SerialCore<L extends Level = "serial"> extends LocalCore<L> {
  readonly #outermost = newLane();
  /** The lane inside each running task. */
  readonly #lanes = new Map<CancelScope, Lane>();
  readonly #queues = new WeakMap<CancelScope, Injector<LocalEntry>>();

  constructor(level: L, options: LocalCoreOptions) {
    super(level, "serial", options);
  }

  protected get free(): number {
    const { occupied, inner } = this.#outermost;
    return !occupied && (inner === undefined || isQuiet(inner)) ? 1 : 0;
  }

  protected queueFor(task: ScopedTask<unknown>): Injector<LocalEntry> {
    const known = this.#queues.get(task);
    if (known) return known;
    let lane = this.#outermost;
    for (let scope: CancelScope | undefined = task.parent; scope; scope = scope.parent) {
      const inside = this.#lanes.get(scope);
      if (inside) {
        lane = inside;
        break;
      }
    }
    this.#queues.set(task, lane.queue);
    return lane.queue;
  }

  protected dispatch(): void {
    for (let lane: Lane | undefined = this.#outermost; lane; lane = lane.inner) this.#advance(lane);
    this.accounts.changed();
  }

  /** Starts the next tasks of a lane while it is free: a task that settles at once leaves it free again. */
  #advance(lane: Lane): void {
    while (!lane.occupied) {
      if (lane.inner) {
        if (!isQuiet(lane.inner)) return;
        lane.inner = undefined;
      }
      const entry = lane.queue.shift();
      if (entry === undefined) return;
      this.#enter(lane, entry);
    }
  }

  #enter(lane: Lane, entry: LocalEntry): void {
    const inner = newLane();
    lane.inner = inner;
    lane.occupied = true;
    this.#lanes.set(entry.task, inner);
    // Abandoned code keeps its place on the thread only in the accounts: the lane goes on when the task has settled.
    entry.task.onEnd(() => {
      this.#lanes.delete(entry.task);
      lane.occupied = false;
    });
    this.start(entry, true);
  }
}
