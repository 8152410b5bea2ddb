// Runs by number, for one worker. Numbers only grow and most runs are short, so that those at hand have numbers close to each other:
// a power of two of places, the place of a run being the end of its number, holds nearly all of them without a hash. A run whose
// place is taken (by one that has been running for long) goes to a map. Invariant: `size` counts both.
import type { Run } from "./run.ts";

const fewestPlaces = 16;
/** Beyond this many a map is as good. */
const mostPlaces = 4096;

export class RunTable {
  #places: (Run | undefined)[] = new Array<Run | undefined>(fewestPlaces).fill(undefined);
  #others: Map<number, Run> | undefined = undefined;
  size = 0;

  get(id: number): Run | undefined {
    const run = this.#places[id & (this.#places.length - 1)];
    return run !== undefined && run.id === id ? run : this.#others?.get(id);
  }

  /** Enters a run that is not here. */
  add(run: Run): void {
    if (this.size++ >= this.#places.length / 2 && this.#places.length < mostPlaces) this.#grow();
    this.#enter(run);
  }

  delete(id: number): void {
    const place = id & (this.#places.length - 1);
    if (this.#places[place]?.id === id) this.#places[place] = undefined;
    else if (!this.#others?.delete(id)) return;
    this.size--;
  }

  /** All of them, in the order of their submission. */
  all(): Run[] {
    const runs = this.#places.filter((run) => run !== undefined);
    if (this.#others) runs.push(...this.#others.values());
    return runs.sort((a, b) => a.id - b.id);
  }

  #enter(run: Run): void {
    const place = run.id & (this.#places.length - 1);
    if (this.#places[place] === undefined) this.#places[place] = run;
    else {
      this.#others ??= new Map();
      this.#others.set(run.id, run);
    }
  }

  #grow(): void {
    const runs = this.all();
    this.#places = new Array<Run | undefined>(this.#places.length * 2).fill(undefined);
    this.#others = undefined;
    for (const run of runs) this.#enter(run);
  }
}
