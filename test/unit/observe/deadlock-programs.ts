// Programs that deadlock on bare guards, each with a twin that does the same work and does not; and programs that look like it. All of
// them begin at the same time on one clock, so locks carry the name of their program.

import { select } from "../../../src/channels/select.ts";
import type { Guard, Lock, PermitOptions } from "../../../src/contract/sync.ts";
import { withTaskGroup } from "../../../src/core/group.ts";
import { sleep } from "../../../src/core/waiting.ts";
import { openCoroutines } from "../../../src/runtime/executors.ts";
import { CapacityLimiter } from "../../../src/sync/capacity-limiter.ts";
import { Condition } from "../../../src/sync/condition.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";

/** A program, given the name that its locks shall carry; ends when its work is done. */
export type Program = (name: string) => Promise<unknown>;

const coroutines = openCoroutines({ name: "corpus" });
const run = (fn: () => unknown): Promise<unknown> => coroutines.run(fn).catch((error) => Promise.reject(error));
const twoMutexes = (name: string) => [new Mutex({ name: `${name} a` }), new Mutex({ name: `${name} b` })] as const;

/** Acquires one after the other, with a moment in between, then releases all. */
async function takeAll(...locks: readonly Lock<PermitOptions>[]): Promise<void> {
  const held: Guard[] = [];
  for (const lock of locks) {
    held.push(await lock.acquire());
    await sleep(10);
  }
  for (const guard of held.reverse()) guard.release();
}

/** Asks for permits of a semaphore, first these, then those. */
async function takePermits(semaphore: Semaphore, ...amounts: readonly number[]): Promise<void> {
  const held: Guard[] = [];
  for (const permits of amounts) {
    held.push(await semaphore.acquire({ permits }));
    await sleep(10);
  }
  for (const guard of held) guard.release();
}

/** Holds a lock for a long time. */
async function hold(lock: Lock, ms: number): Promise<void> {
  const guard = await lock.acquire();
  await sleep(ms);
  guard.release();
}

/** The same after a while. */
const later = async (fn: () => unknown) => {
  await sleep(5);
  await fn();
};

/** What deadlocks, and the same work done right. */
export const pairs: Readonly<Record<string, { readonly wrong: Program; readonly right: Program }>> = {
  "two tasks, opposite orders": {
    wrong: (name) => {
      const [a, b] = twoMutexes(name);
      return Promise.all([run(() => takeAll(a, b)), run(() => takeAll(b, a))]);
    },
    right: (name) => {
      const [a, b] = twoMutexes(name);
      return Promise.all([run(() => takeAll(a, b)), run(() => takeAll(a, b))]);
    },
  },
  "native branches outside any task": {
    wrong: (name) => {
      const [a, b] = twoMutexes(name);
      return Promise.all([takeAll(a, b), takeAll(b, a)]);
    },
    right: (name) => {
      const [a, b] = twoMutexes(name);
      return Promise.all([takeAll(a, b), takeAll(a, b)]);
    },
  },
  "native branches of one task": {
    wrong: (name) => {
      const [a, b] = twoMutexes(name);
      return run(() => Promise.all([takeAll(a, b), takeAll(b, a)]));
    },
    right: (name) => {
      const [a, b] = twoMutexes(name);
      return run(() => Promise.all([takeAll(a, b), takeAll(a, b)]));
    },
  },
  "three philosophers": {
    wrong: (name) => {
      const [a, b, c] = [1, 2, 3].map((n) => new Mutex({ name: `${name} ${n}` })) as [Mutex, Mutex, Mutex];
      return Promise.all([run(() => takeAll(a, b)), run(() => takeAll(b, c)), run(() => takeAll(c, a))]);
    },
    right: (name) => {
      const [a, b, c] = [1, 2, 3].map((n) => new Mutex({ name: `${name} ${n}` })) as [Mutex, Mutex, Mutex];
      return Promise.all([run(() => takeAll(a, b)), run(() => takeAll(b, c)), run(() => takeAll(a, c))]);
    },
  },
  "children of a group": {
    wrong: (name) => {
      const [a, b] = twoMutexes(name);
      return withTaskGroup((group) => {
        group.run(() => takeAll(a, b));
        group.run(() => takeAll(b, a));
      });
    },
    right: (name) => {
      const [a, b] = twoMutexes(name);
      return withTaskGroup(async (group) => {
        await group.run(() => takeAll(a, b));
        group.run(() => takeAll(b, a));
      });
    },
  },
  "a child of a group waits for its parent's lock": {
    wrong: (name) => {
      const lock = new Mutex({ name });
      return run(async () => {
        const guard = await lock.acquire();
        await withTaskGroup((group) => void group.run(() => takeAll(lock)));
        guard.release();
      });
    },
    right: (name) => {
      const lock = new Mutex({ name });
      return run(async () => {
        await takeAll(lock);
        await withTaskGroup((group) => void group.run(() => takeAll(lock)));
      });
    },
  },
  "acquired again": {
    wrong: (name) => {
      const lock = new Mutex({ name });
      return takeAll(lock, lock);
    },
    right: async (name) => {
      const lock = new Mutex({ name });
      await takeAll(lock);
      await takeAll(lock);
    },
  },
  "acquired again by a function that is awaited": {
    wrong: async (name) => {
      const lock = new Mutex({ name });
      const guard = await lock.acquire();
      await takeAll(lock);
      guard.release();
    },
    right: async (name) => {
      const lock = new Mutex({ name });
      const guard = await lock.acquire();
      guard.release();
      await takeAll(lock);
    },
  },
  "guards from another async function, in tasks": {
    wrong: (name) => {
      const [a, b] = twoMutexes(name);
      const take = async (lock: Mutex) => {
        await sleep(1);
        return lock.acquire();
      };
      const takeBoth = async (first: Mutex, second: Mutex) => {
        const guards = [await take(first), await sleep(5).then(() => take(second))];
        for (const guard of guards) guard.release();
      };
      return Promise.all([run(() => takeBoth(a, b)), run(() => takeBoth(b, a))]);
    },
    right: (name) => {
      const [a, b] = twoMutexes(name);
      const take = async (lock: Mutex) => {
        await sleep(1);
        return lock.acquire();
      };
      const takeBoth = async (first: Mutex, second: Mutex) => {
        const guards = [await take(first), await sleep(5).then(() => take(second))];
        for (const guard of guards) guard.release();
      };
      return Promise.all([run(() => takeBoth(a, b)), run(() => takeBoth(a, b))]);
    },
  },
  "a semaphore of two, each has one and wants another": {
    wrong: (name) => {
      const semaphore = new Semaphore(2, { name });
      return Promise.all([run(() => takePermits(semaphore, 1, 1)), run(() => takePermits(semaphore, 1, 1))]);
    },
    right: (name) => {
      const semaphore = new Semaphore(2, { name });
      return Promise.all([run(() => takePermits(semaphore, 2)), run(() => takePermits(semaphore, 2))]);
    },
  },
  "a large request in the way of a small one": {
    wrong: (name) => {
      const semaphore = new Semaphore(3, { name });
      return Promise.all([run(() => takePermits(semaphore, 1, 1)), run(() => later(() => takePermits(semaphore, 3)))]);
    },
    right: (name) => {
      const semaphore = new Semaphore(3, { name });
      return Promise.all([run(() => takePermits(semaphore, 1, 1)), run(() => later(() => takePermits(semaphore, 1)))]);
    },
  },
  "two readers that both become writers": {
    wrong: (name) => {
      const lock = new RWLock({ name });
      const upgrade = async () => {
        const reading = await lock.acquireRead();
        await sleep(10);
        const writing = await lock.acquireWrite();
        writing.release();
        reading.release();
      };
      return Promise.all([run(upgrade), run(upgrade)]);
    },
    right: (name) => {
      const lock = new RWLock({ name });
      const write = async () => {
        const writing = await lock.acquireWrite();
        await sleep(10);
        writing.downgrade().release();
      };
      return Promise.all([run(write), run(write)]);
    },
  },
  "a reader again, behind a writer that waits": {
    wrong: (name) => {
      const lock = new RWLock({ name });
      const readTwice = async () => {
        const first = await lock.acquireRead();
        await sleep(10);
        const second = await lock.acquireRead();
        second.release();
        first.release();
      };
      return Promise.all([run(readTwice), run(() => later(() => lock.withWrite(() => sleep(1))))]);
    },
    right: (name) => {
      const lock = new RWLock({ name });
      const readTwice = () => lock.withRead(() => sleep(10).then(() => lock.withRead(() => sleep(1))));
      return Promise.all([run(readTwice), run(() => later(() => lock.withWrite(() => sleep(1))))]);
    },
  },
  "a section and a bare guard": {
    wrong: (name) => {
      const [a, b] = twoMutexes(name);
      return Promise.all([run(() => a.with(() => later(() => takeAll(b)))), run(() => takeAll(b, a))]);
    },
    right: (name) => {
      const [a, b] = twoMutexes(name);
      return Promise.all([run(() => a.with(() => later(() => takeAll(b)))), run(() => takeAll(a, b))]);
    },
  },
  "a bare guard around a section": {
    wrong: (name) => {
      const [a, b] = twoMutexes(name);
      const around = async (first: Mutex, second: Mutex) => {
        const guard = await first.acquire();
        await second.with(() => later(() => takeAll(first)));
        guard.release();
      };
      return around(a, b);
    },
    right: (name) => {
      const [a, b] = twoMutexes(name);
      const around = async (first: Mutex, second: Mutex) => {
        const guard = await first.acquire();
        await second.with(() => sleep(5));
        guard.release();
        await takeAll(first);
      };
      return around(a, b);
    },
  },
  "a limiter and a mutex": {
    wrong: (name) => {
      const [limiter, mutex] = [new CapacityLimiter(1, { name: `${name} l` }), new Mutex({ name: `${name} m` })];
      return Promise.all([run(() => takeAll(limiter, mutex)), run(() => takeAll(mutex, limiter))]);
    },
    right: (name) => {
      const [limiter, mutex] = [new CapacityLimiter(2, { name: `${name} l` }), new Mutex({ name: `${name} m` })];
      return Promise.all([run(() => takeAll(limiter, mutex)), run(() => takeAll(mutex, limiter))]);
    },
  },
};

/** What is no deadlock, though it looks like one for a long time. */
export const lookalikes: Readonly<Record<string, Program>> = {
  "branches of one task take turns": (name) => {
    const lock = new Mutex({ name });
    return run(() => Promise.all([hold(lock, 3_000), hold(lock, 3_000), hold(lock, 3_000)]));
  },
  "branches outside any task take turns": (name) => {
    const lock = new Mutex({ name });
    return Promise.all([hold(lock, 3_000), hold(lock, 3_000), hold(lock, 3_000)]);
  },
  "opposite orders, but each lets go before it takes": (name) => {
    const [a, b] = twoMutexes(name);
    const both = async (...locks: readonly Mutex[]) => {
      for (const lock of locks) await hold(lock, 1_500);
    };
    return Promise.all([both(a, b, a, b), both(b, a, b, a)]);
  },
  "opposite orders, with a timeout on one side": (name) => {
    const [a, b] = twoMutexes(name);
    const impatient = async () => {
      const guard = await b.acquire();
      await sleep(10);
      await a.acquire({ timeout: 2_000 }).catch(() => undefined);
      guard.release();
    };
    return Promise.all([takeAll(a, b), impatient()]);
  },
  "a guard that another branch of the task releases": (name) => {
    const [lock, other] = twoMutexes(name);
    return run(async () => {
      const guard = await lock.acquire();
      const release = sleep(15_000).then(() => guard.release());
      const second = await other.acquire();
      await Promise.all([release, hold(lock, 1)]);
      second.release();
    });
  },
  "a lock that is held for some time by a timer": async (name) => {
    const lock = new Mutex({ name });
    for (let request = 0; request < 4; request++) {
      const guard = await lock.acquire();
      void sleep(2_000).then(() => guard.release());
      await sleep(1);
    }
  },
  "handlers that nobody awaits, one of them slow": async (name) => {
    const [a, b] = twoMutexes(name);
    const handle = async (first: Mutex, second: Mutex | undefined, ms: number) => {
      const guard = await first.acquire();
      await sleep(ms);
      if (second !== undefined) (await second.acquire()).release();
      guard.release();
    };
    const handled: Promise<void>[] = [];
    // Each is called in the context that the one before has left behind.
    for (const [first, second, ms] of [
      [a, undefined, 5_000],
      [b, a, 1],
      [b, a, 1],
      [a, undefined, 1],
    ] as const) {
      handled.push(handle(first, second, ms));
      await sleep(1);
    }
    await Promise.all(handled);
  },
  "a background refresh that holds the lock meanwhile": async (name) => {
    const lock = new Mutex({ name });
    const refresh = hold(lock, 12_000);
    await sleep(5);
    await hold(lock, 1);
    await refresh;
  },
  "a callback that comes again while its last call holds the lock": async (name) => {
    const lock = new Mutex({ name });
    let calls = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(async () => {
        const last = ++calls === 3;
        if (last) clearInterval(timer);
        const guard = await lock.acquire();
        await sleep(4_000);
        guard.release();
        if (last) resolve();
      }, 1);
    });
  },
  "a long queue": (name) => {
    const lock = new Mutex({ name });
    return Promise.all(Array.from({ length: 20 }, () => run(() => hold(lock, 300))));
  },
  "a busy pool of connections": (name) => {
    const [pool, table] = [new Semaphore(2, { name: `${name} pool` }), new Mutex({ name: `${name} table` })];
    const query = async () => {
      const connection = await pool.acquire();
      await hold(table, 500);
      connection.release();
    };
    return Promise.all(Array.from({ length: 8 }, () => run(query)));
  },
  "a task that is started inside and not waited for": (name) => {
    const lock = new Mutex({ name });
    return run(async () => {
      const guard = await lock.acquire();
      const child = run(() => hold(lock, 1));
      await sleep(12_000);
      guard.release();
      await child;
    });
  },
  "a branch of a task that waits for something else meanwhile": (name) => {
    const lock = new Mutex({ name });
    const elsewhere = sleep(12_000);
    const take = async () => {
      await sleep(1);
      return lock.acquire();
    };
    return run(() => {
      const slow = take().then(async (guard) => {
        await elsewhere;
        guard.release();
      });
      return Promise.all([slow, later(() => hold(lock, 1))]);
    });
  },
  "a task that starts its like and does not wait for it": (name) => {
    const lock = new Mutex({ name });
    const elsewhere = sleep(12_000);
    let like: Promise<unknown> | undefined;
    const work = async () => {
      const guard = await lock.acquire();
      like ??= run(work);
      await elsewhere;
      guard.release();
    };
    return run(work).then(() => like);
  },
  "a select that gets the lock from whoever releases it": (name) => {
    const lock = new Mutex({ name });
    const slow = run(async () => {
      await sleep(1);
      const { value } = await select({ guard: lock.acquiring() });
      await sleep(12_000);
      value.release();
    });
    const quick = run(async () => {
      const guard = await lock.acquire();
      await sleep(5);
      guard.release();
      await sleep(1);
      const again = await lock.acquire();
      again.release();
    });
    return Promise.all([slow, quick]);
  },
  "a consumer that waits for a condition": async (name) => {
    const mutex = new Mutex({ name });
    const condition = new Condition(mutex);
    let jobs = 0;
    const consume = async () => {
      for (let done = 0; done < 3; done++) {
        await mutex.with(async () => {
          await condition.waitFor(() => jobs > 0);
          jobs--;
          await sleep(2_000);
        });
      }
    };
    const produce = async () => {
      for (let made = 0; made < 3; made++) {
        const guard = await mutex.acquire();
        jobs++;
        condition.notify();
        guard.release();
        await sleep(1);
      }
    };
    await Promise.all([consume(), produce()]);
  },
};
