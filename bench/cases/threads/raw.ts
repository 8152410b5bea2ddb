// What one writes by hand: a message there, a message back, the promise found by its number. Workers take turns. In batches, calls of
// one turn are gathered and posted together: faster, and what brigade should not be slower than.
import { Worker } from "node:worker_threads";
import { additions } from "../../measure/adders.ts";
import type { RawAnswer, RawCall } from "./raw-worker.ts";

type Resolve = (sum: number) => void;

/** One worker with the calls that wait for it. */
class RawWorker {
  readonly #worker = new Worker(new URL("./raw-worker.js", import.meta.url));
  readonly #waiting = new Map<number, Resolve>();
  readonly #batch: number;
  #gathered: RawCall[] = [];
  #number = 0;

  constructor(batch: number) {
    this.#batch = batch;
    this.#worker.on("message", (answer: RawAnswer | RawAnswer[]) => {
      if (Array.isArray(answer)) for (const one of answer) this.#settle(one);
      else this.#settle(answer);
    });
  }

  add(a: number, b: number): Promise<number> {
    return new Promise((resolve) => {
      const id = this.#number++;
      this.#waiting.set(id, resolve);
      if (this.#batch > 1) this.#gather({ id, a, b });
      else this.#worker.postMessage({ id, a, b });
    });
  }

  #gather(call: RawCall): void {
    // Behind the reactions that are queued already: all who go on in this turn have called by then.
    if (this.#gathered.length === 0) queueMicrotask(() => this.#post());
    this.#gathered.push(call);
    if (this.#gathered.length >= this.#batch) this.#post();
  }

  #post(): void {
    if (this.#gathered.length === 0) return;
    this.#worker.postMessage(this.#gathered);
    this.#gathered = [];
  }

  #settle({ id, sum }: RawAnswer): void {
    const resolve = this.#waiting.get(id);
    if (resolve === undefined) throw new RangeError(`Two answers to call ${id}.`);
    this.#waiting.delete(id);
    resolve(sum);
  }
}

export const workloads = additions((count, { batch = 1 }) => {
  const workers = Array.from({ length: count }, () => new RawWorker(Number(batch)));
  let turn = 0;
  return (a, b) => {
    turn = (turn + 1) % count;
    return workers[turn]!.add(a, b);
  };
});
