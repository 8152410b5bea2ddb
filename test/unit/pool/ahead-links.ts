// Fake workers that are sent runs ahead. The words of the offers are the real ones; the test claims and answers.
import assert from "node:assert/strict";
import type { RunFrame } from "../../../src/executors/pool/frames.ts";
import type { LinkEvents, RunOffers, WorkerSettings } from "../../../src/executors/pool/link.ts";
import type { PoolOptions } from "../../../src/executors/pool/pool-options.ts";
import { allocateClaims, claim, Offers } from "../../../src/memory/claims.ts";
import { FakeWorker, onStage, type Stage } from "./fake-links.ts";
import { work } from "./work.ts";

class FakeOffers extends Offers implements RunOffers {
  hasRoom = true;
}

/** A worker that is sent runs ahead. */
export class AheadWorker extends FakeWorker {
  readonly #words = allocateClaims();
  readonly #linkEvents: LinkEvents;
  readonly offers = new FakeOffers(this.#words);

  constructor(settings: WorkerSettings, events: LinkEvents) {
    super(settings, events);
    this.#linkEvents = events;
  }

  /** Reaches for the run with this argument, as the worker does when its turn comes; false when it was taken back. */
  claims(argument: unknown): boolean {
    const frame = this.runOf(argument);
    return frame.claim !== undefined && claim(this.#words, frame.claim);
  }

  /** The same for what it was sent at this place: a run that was taken back and sent again stands at two, and a worker goes by the order. */
  claimsAt(place: number): boolean {
    const frame = this.runs[place];
    return frame?.claim !== undefined && claim(this.#words, frame.claim);
  }

  runOf(argument: unknown): RunFrame {
    const frame = this.runs[this.calls.lastIndexOf(argument)];
    assert.ok(frame, `${this.name} was not sent ${String(argument)}`);
    return frame;
  }

  /** Claims and answers the run with this argument, which took this long. */
  does(argument: unknown, runMs = 0.01): void {
    assert.ok(this.claims(argument), `${String(argument)} was taken back`);
    this.answers(argument, runMs);
    this.drained();
  }

  answers(argument: unknown, runMs = 0.01): void {
    const { id, payload } = this.runOf(argument);
    this.says({ type: "settled", id, state: "succeeded", runMs, payload });
  }

  drained(): void {
    this.#linkEvents.onDrained?.();
  }
}

/** A pool over such workers. */
export interface AheadStage extends Omit<Stage, "worker" | "workers"> {
  readonly workers: readonly AheadWorker[];
  worker(place: number): AheadWorker;
}

/** As `onStage`. */
export function onAheadStage(options: Partial<PoolOptions>, play: (stage: AheadStage) => Promise<void>): Promise<void> {
  const workers: AheadWorker[] = [];
  const open: PoolOptions["open"] = (settings, events) => {
    const worker = new AheadWorker(settings, events);
    workers.push(worker);
    return worker;
  };
  return onStage({ open, ...options }, async (stage) => {
    const worker = (place: number): AheadWorker => {
      const found = workers[place];
      assert.ok(found, `there is no worker ${place}`);
      return found;
    };
    try {
      await play({ ...stage, workers, worker });
    } finally {
      const closing = stage.pool.close();
      await stage.clock.advance(0);
      for (const each of workers) if (!each.gone) each.dies();
      await stage.clock.advance(0);
      await closing;
    }
  });
}

/** A ready worker in each place, known for short tasks. */
export async function warmed({ pool, worker, settle }: AheadStage, size: number, runMs = 0.01): Promise<void> {
  const first = Array.from({ length: size }, (_, n) => pool.run(work, `warm ${n}`));
  await settle();
  for (let place = 0; place < size; place++) {
    worker(place).ready();
    worker(place).does(`warm ${place}`, runMs);
  }
  await Promise.all(first);
}
