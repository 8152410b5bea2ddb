// The serial level: one task at a time, in order of submission, on this thread.
//
// Work submitted by a running serial task runs inside it: waiting behind its own parent would be a deadlock. So each
// running task has a lane of its own for what it submits, one at a time again, and the lane above goes on only when the
// task has returned and its lane is empty.
//
// A stream whose generator stands still until its reader wants more is not running: its lane goes on with others meanwhile, and the
// generator with the next item when it is its turn again. Otherwise a reader that submits serial work between two items would wait for
// ever.
import type { Level } from "../../contract/portable.ts";
import { startSoon } from "../../core/local-run.ts";
import type { CancelScope } from "../../core/scope.ts";
import type { ScopedTask } from "../../core/task.ts";
import { Injector } from "../pool/injector.ts";
import { LocalCore, type LocalCoreOptions, type LocalEntry } from "../pool/local-core.ts";
import type { StreamPlace } from "../pool/stream/producer.ts";

interface Lane {
  readonly queue: Injector<LocalEntry>;
  /** A task of this lane runs, or its inner lane is not empty. */
  inner: Lane | undefined;
  /** The task of this lane that runs, until it has returned. */
  occupant: ScopedTask<unknown> | undefined;
  /** Streams that want to go on; before all that has not begun. */
  readonly resuming: Resumption[];
}

/** A stream that was left standing. */
interface Resumption {
  readonly task: ScopedTask<unknown>;
  readonly resume: () => void;
}

function newLane(): Lane {
  return { queue: new Injector(), inner: undefined, occupant: undefined, resuming: [] };
}

/** Nothing runs or waits in a lane or inside it. */
function isQuiet(lane: Lane): boolean {
  for (let each: Lane | undefined = lane; each; each = each.inner) {
    if (each.occupant !== undefined || each.queue.length > 0 || each.resuming.length > 0) return false;
  }
  return true;
}

export class SerialCore<L extends Level = "serial"> extends LocalCore<L> {
  readonly #outermost = newLane();
  /** The lane inside each running task. */
  readonly #lanes = new Map<CancelScope, Lane>();
  /** The lane that each task was entered from. */
  readonly #outer = new WeakMap<CancelScope, Lane>();
  readonly #queues = new WeakMap<CancelScope, Injector<LocalEntry>>();

  constructor(level: L, options: LocalCoreOptions) {
    super(level, "serial", options);
  }

  protected get free(): number {
    const { occupant, inner } = this.#outermost;
    return occupant === undefined && (inner === undefined || isQuiet(inner)) ? 1 : 0;
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
    while (lane.occupant === undefined) {
      if (lane.inner) {
        if (!isQuiet(lane.inner)) return;
        lane.inner = undefined;
      }
      const resumption = lane.resuming.shift();
      if (resumption) {
        this.#resume(lane, resumption);
        continue;
      }
      const entry = lane.queue.shift();
      if (entry === undefined) return;
      this.#enter(lane, entry);
    }
  }

  #enter(lane: Lane, entry: LocalEntry): void {
    const inner = newLane();
    lane.inner = inner;
    lane.occupant = entry.task;
    this.#lanes.set(entry.task, inner);
    this.#outer.set(entry.task, lane);
    // Abandoned code keeps its place on the thread only in the accounts: the lane goes on when the task has settled.
    entry.task.onEnd(() => {
      this.#lanes.delete(entry.task);
      if (lane.occupant === entry.task) lane.occupant = undefined;
    });
    this.start(entry, true);
  }

  /** Goes on with a stream; one that has settled meanwhile (its grace was over) has no right to the lane any more. */
  #resume(lane: Lane, { task, resume }: Resumption): void {
    if (!task.settled) {
      lane.occupant = task;
      lane.inner = this.#lanes.get(task);
    }
    resume();
  }

  protected override placeOf(scope: CancelScope): StreamPlace | undefined {
    const lane = this.#outer.get(scope);
    // One of its own, beside the lanes.
    if (lane === undefined) return undefined;
    const task = scope as ScopedTask<unknown>;
    return {
      leave: () => {
        if (lane.occupant !== task) return;
        lane.occupant = undefined;
        startSoon(() => this.dispatch());
      },
      enter: () =>
        new Promise((resume) => {
          lane.resuming.push({ task, resume });
          startSoon(() => this.dispatch());
        }),
    };
  }
}
