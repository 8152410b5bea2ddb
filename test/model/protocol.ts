// What a model is: the real code, small programs over it in which everything that matters can go wrong, and mutants of it, each of
// which some program must catch. A model that cannot tell the code from its mutants proves nothing.
import { currentAtomics, exchangeAtomics } from "../../src/memory/atomics.ts";
import { type Exploration, exploreShared } from "../../src/testing/explore-shared.ts";

/** One program, explored to a bound. */
export interface Scenario {
  readonly name: string;
  readonly preemptions: number;
  explore(maxRuns: number): Promise<Exploration>;
}

/** A change of the compiled source that breaks it. `from` must stand in it exactly once, so that a mutant cannot rot unnoticed. */
export interface Mutant {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export interface Protocol {
  readonly name: string;
  /** The file under test, below src/ without extension. */
  readonly file: string;
  /** The programs over one version of the file. */
  scenarios(module: never): readonly Scenario[];
  readonly mutants: readonly Mutant[];
}

/** A program of threads over the memory that `setup` makes. */
export function scenario<S>(
  name: string,
  preemptions: number,
  setup: () => S,
  bodies: readonly ((state: S) => void)[],
  check: (state: S) => void,
): Scenario {
  return { name, preemptions, explore: (maxRuns) => exploreShared(setup, bodies, check, { preemptions, maxRuns }) };
}

const died = Symbol("the thread has ended");

/** Runs `act`, which ends at its `step`-th access by `Atomics` or to shared bytes, as a thread does that is terminated. The views of shared
 *  bytes must be made inside. False when it was through before. */
export function endAt(step: number, act: () => void): boolean {
  const real = currentAtomics();
  const RealBytes = globalThis.Uint8Array;
  let left = step;
  let dead = false;
  const live = (): void => {
    // Nothing happens after the end, in `finally` blocks either.
    dead ||= left-- <= 0;
    if (dead) throw died;
  };
  const mortal = new Proxy(real, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...values: readonly unknown[]): unknown => {
        live();
        return method.apply(target, values);
      };
    },
  });
  const bytes: ProxyHandler<Uint8Array> = {
    set(target, key, value) {
      live();
      return Reflect.set(target, key, value);
    },
  };
  exchangeAtomics(mortal);
  globalThis.Uint8Array = new Proxy(RealBytes, {
    construct(target, values: unknown[], asked) {
      const view = Reflect.construct(target, values, asked) as Uint8Array;
      return view.buffer instanceof ArrayBuffer ? view : new Proxy(view, bytes);
    },
  });
  try {
    act();
  } catch (error) {
    if (error !== died) throw error;
  } finally {
    exchangeAtomics(real);
    globalThis.Uint8Array = RealBytes;
  }
  return dead;
}

/** A program for each step at which a thread of it can end. */
export function everyEnd<S>(
  name: string,
  preemptions: number,
  steps: number,
  setup: () => S,
  bodies: (step: number) => readonly ((state: S) => void)[],
  check: (state: S) => void,
): Scenario {
  return {
    name,
    preemptions,
    async explore(maxRuns) {
      let sum: Exploration = { runs: 0, states: 0, complete: true, failure: undefined };
      for (let step = 0; step < steps && sum.failure === undefined; step++) {
        const { runs, states, complete, failure } = await exploreShared(setup, bodies(step), check, { preemptions, maxRuns });
        sum = { runs: sum.runs + runs, states: sum.states + states, complete: sum.complete && complete, failure };
      }
      return sum;
    },
  };
}
