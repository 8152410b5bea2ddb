// How the problems of "The Little Book of Semaphores" (Allen B. Downey, 2.2.1) are run here: their threads are tasks, their `sem.wait()` is an
// acquired permit or an event, and what the book argues in words is checked as an invariant at every step, over seeded schedules.
import { random, seededRandom } from "../../../src/core/random.ts";
import { coroutines } from "../../../src/runtime/executors.ts";
import { withVirtualClock } from "../../../src/testing/virtual-clock.ts";

/** Pauses that a seed decides: some microtasks, so that every seed is another interleaving. */
export type Pause = () => Promise<void>;

/** Runs a problem under many schedules; each must come to its end by itself. */
export async function underSchedules(problem: (pause: Pause) => Promise<void>, schedules = 25): Promise<void> {
  for (let seed = 1; seed <= schedules; seed++) {
    await withVirtualClock(
      async () => {
        const pause = async () => {
          for (let ticks = Math.floor(random() * 6); ticks > 0; ticks--) await undefined;
        };
        await problem(pause);
      },
      { seed },
    );
  }
}

/** Starts tasks in an order that the seed decides, and waits for all of them. */
export async function crowd(...people: readonly (() => Promise<unknown>)[]): Promise<void> {
  const order = [...people];
  const choose = seededRandom(Math.floor(random() * 2 ** 31));
  for (let last = order.length - 1; last > 0; last--) {
    const chosen = Math.floor(choose() * (last + 1));
    [order[last], order[chosen]] = [order[chosen] as () => Promise<unknown>, order[last] as () => Promise<unknown>];
  }
  await Promise.all(order.map((person) => coroutines.run(person)));
}

/** `count` times the same, each told its number. */
export function many(count: number, person: (index: number) => Promise<unknown>): (() => Promise<unknown>)[] {
  return Array.from({ length: count }, (_, index) => () => person(index));
}
