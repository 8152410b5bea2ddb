// The Little Book of Semaphores, chapters 3 and 4: basic patterns and classical problems, as invariants.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Barrier } from "../../../src/sync/barrier.ts";
import { Condition } from "../../../src/sync/condition.ts";
import { Event } from "../../../src/sync/event.ts";
import { Latch } from "../../../src/sync/latch.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { crowd, many, underSchedules } from "./little-book.ts";

test("little book 3.1 signaling: the second statement comes after the first", () =>
  underSchedules(async (pause) => {
    const done = new Event();
    const log: string[] = [];
    await crowd(
      async () => {
        await pause();
        log.push("a1");
        done.set();
      },
      async () => {
        await done.wait();
        log.push("b1");
      },
    );
    assert.deepEqual(log, ["a1", "b1"]);
  }));

test("little book 3.3 rendezvous: each one's first statement comes before the other's second", () =>
  underSchedules(async (pause) => {
    const [a, b] = [new Event(), new Event()];
    const log: string[] = [];
    const side = (name: string, own: Event, other: Event) => async () => {
      await pause();
      log.push(`${name}1`);
      own.set();
      await other.wait();
      log.push(`${name}2`);
    };
    await crowd(side("a", a, b), side("b", b, a));
    assert.deepEqual(log.slice(0, 2).sort(), ["a1", "b1"]);
  }));

test("little book 3.4 mutex: a count that is read and written apart comes out right", () =>
  underSchedules(async (pause) => {
    const mutex = new Mutex();
    let count = 0;
    await crowd(
      ...many(10, () =>
        mutex.with(async () => {
          const before = count;
          await pause();
          count = before + 1;
        }),
      ),
    );
    assert.equal(count, 10);
  }));

test("little book 3.5 multiplex: at most n inside", () =>
  underSchedules(async (pause) => {
    const multiplex = new Semaphore(3);
    let [inside, most] = [0, 0];
    await crowd(
      ...many(12, () =>
        multiplex.with(async () => {
          most = Math.max(most, ++inside);
          assert.ok(inside <= 3);
          await pause();
          inside--;
        }),
      ),
    );
    assert.deepEqual([inside, most], [0, 3]);
  }));

test("little book 3.6 barrier: nobody is past it before all have come", () =>
  underSchedules(async (pause) => {
    const barrier = new Barrier(5);
    let arrived = 0;
    await crowd(
      ...many(5, async () => {
        await pause();
        arrived++;
        await barrier.wait();
        assert.equal(arrived, 5);
      }),
    );
  }));

test("little book 3.7 reusable barrier: in a loop nobody gets a lap ahead", () =>
  underSchedules(async (pause) => {
    const [enter, leave] = [new Barrier(4), new Barrier(4)];
    const laps = [0, 0, 0, 0];
    await crowd(
      ...many(4, async (own) => {
        for (let lap = 0; lap < 5; lap++) {
          await pause();
          await enter.wait();
          laps[own] = lap + 1;
          assert.ok(Math.max(...laps) - Math.min(...laps) <= 1);
          await leave.wait();
          assert.equal(Math.min(...laps), Math.max(...laps));
        }
      }),
    );
  }));

test("little book 3.8 queue: leaders and followers go in pairs", () =>
  underSchedules(async (pause) => {
    const mutex = new Mutex();
    const came = new Condition(mutex);
    const waiting = { leader: 0, follower: 0 };
    const matched = { leader: 0, follower: 0 };
    const dance = (own: "leader" | "follower", other: "leader" | "follower") => async () => {
      await pause();
      await mutex.with(async () => {
        if (waiting[other] > 0) {
          waiting[other]--;
          matched[other]++;
          came.notifyAll();
        } else {
          waiting[own]++;
          const before = matched[own];
          await came.waitFor(() => matched[own] > before);
          return;
        }
        matched[own]++;
      });
    };
    await crowd(...many(8, dance("leader", "follower")), ...many(8, dance("follower", "leader")));
    assert.deepEqual([waiting, matched.leader], [{ leader: 0, follower: 0 }, matched.follower]);
  }));

test("little book 4.1 producer-consumer with a finite buffer: never over, never under, nothing lost", () =>
  underSchedules(async (pause) => {
    const mutex = new Mutex();
    const [notFull, notEmpty] = [new Condition(mutex), new Condition(mutex)];
    const buffer: number[] = [];
    const eaten: number[] = [];
    const producer = async (own: number) => {
      for (let n = 0; n < 6; n++) {
        await pause();
        await mutex.with(async () => {
          await notFull.waitFor(() => buffer.length < 3);
          buffer.push(10 * own + n);
          assert.ok(buffer.length <= 3);
          notEmpty.notify();
        });
      }
    };
    const consumer = async () => {
      for (let n = 0; n < 6; n++) {
        await mutex.with(async () => {
          await notEmpty.waitFor(() => buffer.length > 0);
          eaten.push(buffer.shift() as number);
          notFull.notify();
        });
        await pause();
      }
    };
    await crowd(...many(3, producer), ...many(3, consumer));
    assert.equal(new Set(eaten).size, 18);
    for (const own of [0, 1, 2]) {
      const mine = eaten.filter((value) => Math.floor(value / 10) === own);
      assert.deepEqual(
        mine,
        [...mine].sort((a, b) => a - b),
      );
    }
  }));

test("little book 4.2 readers-writers: a writer is alone, and neither side starves", () =>
  underSchedules(async (pause) => {
    const room = new RWLock();
    let [reading, writing] = [0, 0];
    const reader = async () => {
      for (let n = 0; n < 4; n++) {
        await room.withRead(async () => {
          reading++;
          assert.equal(writing, 0);
          await pause();
          reading--;
        });
      }
    };
    const writer = async () => {
      for (let n = 0; n < 4; n++) {
        await room.withWrite(async () => {
          writing++;
          assert.deepEqual([reading, writing], [0, 1]);
          await pause();
          writing--;
        });
      }
    };
    await crowd(...many(5, reader), ...many(3, writer));
    assert.deepEqual([reading, writing], [0, 0]);
  }));

test("little book 4.3 no-starve mutex (Morris): whoever waits is overtaken by nobody who comes later", () =>
  underSchedules(async (pause) => {
    const mutex = new Mutex();
    const [asked, served]: number[][] = [[], []];
    await crowd(
      ...many(6, async (own) => {
        for (let n = 0; n < 4; n++) {
          await pause();
          asked?.push(own);
          await mutex.with(async () => {
            served?.push(own);
            await pause();
          });
        }
      }),
    );
    assert.deepEqual(served, asked);
  }));

test("little book 4.4 dining philosophers: with one who is left-handed all eat, and never with a neighbour", () =>
  underSchedules(async (pause) => {
    const forks = Array.from({ length: 5 }, (_, index) => new Mutex({ name: `fork ${index}` }));
    const eating = [false, false, false, false, false];
    const meals = [0, 0, 0, 0, 0];
    await crowd(
      ...many(5, async (own) => {
        const [left, right] = [own, (own + 1) % 5];
        const [first, second] = own === 0 ? [right, left] : [left, right];
        for (let n = 0; n < 4; n++) {
          await pause();
          await forks[first]?.with(async () => {
            await pause();
            await forks[second]?.with(async () => {
              eating[own] = true;
              assert.ok(!eating[(own + 1) % 5] && !eating[(own + 4) % 5]);
              await pause();
              eating[own] = false;
              meals[own] = (meals[own] ?? 0) + 1;
            });
          });
        }
      }),
    );
    assert.deepEqual(meals, [4, 4, 4, 4, 4]);
  }));

test("little book 4.4 dining philosophers: all right-handed, a deadlock is refused and the dinner goes on", () =>
  underSchedules(async (pause) => {
    const forks = Array.from({ length: 5 }, (_, index) => new Mutex({ name: `fork ${index}` }));
    let [meals, refused] = [0, 0];
    await crowd(
      ...many(5, async (own) => {
        for (let n = 0; n < 4; ) {
          try {
            await forks[own]?.with(async () => {
              await pause();
              await forks[(own + 1) % 5]?.with(pause);
            });
            n++;
            meals++;
          } catch (error) {
            assert.equal((error as Error).name, "DeadlockError");
            assert.equal((error as { cycle?: unknown[] }).cycle?.length, 5);
            refused++;
          }
        }
      }),
    );
    assert.equal(meals, 20);
    assert.ok(refused < 100);
  }));

test("little book 4.4 dining philosophers: a footman lets four to the table", () =>
  underSchedules(async (pause) => {
    const forks = Array.from({ length: 5 }, () => new Mutex());
    const footman = new Semaphore(4);
    let meals = 0;
    await crowd(
      ...many(5, async (own) => {
        for (let n = 0; n < 3; n++) {
          await footman.with(async () => {
            const left = await forks[own]?.acquire();
            await pause();
            const right = await forks[(own + 1) % 5]?.acquire();
            meals++;
            await pause();
            right?.release();
            left?.release();
          });
        }
      }),
    );
    assert.equal(meals, 15);
  }));

test("little book 4.5 cigarette smokers: whoever has what is missing smokes, one at a time", () =>
  underSchedules(async (pause) => {
    const mutex = new Mutex();
    const table = new Condition(mutex);
    const supplies = ["tobacco", "paper", "match"];
    let lying: string[] = [];
    const smoked = new Map(supplies.map((own) => [own, 0]));
    let rounds = 12;
    const agent = async () => {
      for (let n = 0; n < 12; n++) {
        await mutex.with(async () => {
          await table.waitFor(() => lying.length === 0);
          lying = supplies.filter((_, index) => index !== n % 3);
          table.notifyAll();
        });
        await pause();
      }
    };
    const smoker = (own: string) => async () => {
      for (;;) {
        const over = await mutex.with(async () => {
          await table.waitFor(() => rounds === 0 || (lying.length === 2 && !lying.includes(own)));
          if (rounds === 0) return true;
          lying = [];
          rounds--;
          smoked.set(own, (smoked.get(own) ?? 0) + 1);
          table.notifyAll();
          return false;
        });
        if (over) return;
        await pause();
      }
    };
    await crowd(agent, ...supplies.map(smoker));
    assert.deepEqual([...smoked.values()], [4, 4, 4]);
  }));

test("little book 3.6.5 preloaded turnstile as a latch: one opens, all go through", () =>
  underSchedules(async (pause) => {
    const turnstile = new Latch(6);
    let arrived = 0;
    await crowd(
      ...many(6, async () => {
        await pause();
        arrived++;
        turnstile.countDown();
        await turnstile.wait();
        assert.equal(arrived, 6);
      }),
    );
  }));
