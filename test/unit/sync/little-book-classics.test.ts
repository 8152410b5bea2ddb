// The Little Book of Semaphores, chapters 5 to 7: less classical problems, as invariants.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Barrier } from "../../../src/sync/barrier.ts";
import { Condition } from "../../../src/sync/condition.ts";
import { Mutex } from "../../../src/sync/mutex.ts";
import { RWLock } from "../../../src/sync/rw-lock.ts";
import { Semaphore } from "../../../src/sync/semaphore.ts";
import { crowd, many, underSchedules } from "./little-book.ts";

/** A monitor: a mutex and one condition, as most of these problems want it. */
class Monitor {
  readonly #condition = new Condition();

  /** Runs `change` once `when` holds, and tells everybody. */
  enter<R>(when: () => boolean, change: () => R): Promise<Awaited<R>> {
    return this.#condition.mutex.with(async () => {
      await this.#condition.waitFor(when);
      const result = change();
      this.#condition.notifyAll();
      return await result;
    });
  }
}

test("little book 5.1 dining savages: the cook fills an empty pot only, nobody eats from one", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    let [servings, fillings, eaten] = [0, 0, 0];
    const cook = async () => {
      for (let n = 0; n < 4; n++) {
        await monitor.enter(
          () => servings === 0,
          () => {
            servings = 5;
            fillings++;
          },
        );
        await pause();
      }
    };
    const savage = async () => {
      for (let n = 0; n < 4; n++) {
        await monitor.enter(
          () => servings > 0,
          () => {
            servings--;
            eaten++;
            assert.ok(servings >= 0);
          },
        );
        await pause();
      }
    };
    await crowd(cook, ...many(5, savage));
    assert.deepEqual([fillings, eaten, servings], [4, 20, 0]);
  }));

test("little book 5.2, 5.3 FIFO barbershop: a full shop is left, customers are served in the order in which they sat down", () =>
  underSchedules(async (pause) => {
    const shop = new Mutex();
    const chairs = 4;
    const [seated, served]: number[][] = [[], []];
    let [waiting, balked] = [0, 0];
    await crowd(
      ...many(12, async (own) => {
        await pause();
        if (waiting === chairs) {
          balked++;
          return;
        }
        waiting++;
        seated?.push(own);
        assert.ok(waiting <= chairs);
        await shop.with(async () => {
          served?.push(own);
          await pause();
          waiting--;
        });
      }),
    );
    assert.deepEqual(served, seated);
    assert.equal((served?.length ?? 0) + balked, 12);
  }));

test("little book 5.4 Hilzer's barbershop: sofa, chairs and the one cash register keep their numbers", () =>
  underSchedules(async (pause) => {
    const [sofa, chairs, register] = [new Semaphore(4), new Semaphore(3), new Mutex()];
    const counts = { sofa: 0, chair: 0, paying: 0, left: 0 };
    await crowd(
      ...many(15, async () => {
        await pause();
        const seat = await sofa.acquire();
        assert.ok(++counts.sofa <= 4);
        const chair = await chairs.acquire();
        counts.sofa--;
        seat.release();
        assert.ok(++counts.chair <= 3);
        await pause();
        await register.with(async () => {
          assert.equal(++counts.paying, 1);
          await pause();
          counts.paying--;
        });
        counts.chair--;
        chair.release();
        counts.left++;
      }),
    );
    assert.deepEqual(counts, { sofa: 0, chair: 0, paying: 0, left: 15 });
  }));

test("little book 5.5 Santa Claus: nine reindeer or three elves, and the reindeer go first", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    let [reindeer, elves, sleighs, helped, over] = [0, 0, 0, 0, false];
    const log: string[] = [];
    const santa = async () => {
      while (!over) {
        await monitor.enter(
          () => reindeer === 9 || elves >= 3 || over,
          () => {
            if (reindeer === 9) {
              reindeer = 0;
              sleighs++;
              log.push("sleigh");
            } else if (elves >= 3) {
              assert.notEqual(reindeer, 9);
              elves -= 3;
              helped += 3;
              log.push("help");
            }
          },
        );
      }
    };
    const deer = async () => {
      await pause();
      const before = sleighs;
      await monitor.enter(
        () => true,
        () => {
          reindeer++;
        },
      );
      await monitor.enter(
        () => sleighs > before,
        () => {},
      );
    };
    const elf = async () => {
      await pause();
      await monitor.enter(
        () => elves < 3,
        () => {
          elves++;
          assert.ok(elves <= 3);
        },
      );
    };
    await crowd(santa, async () => {
      await crowd(...many(9, deer), ...many(12, elf));
      await monitor.enter(
        () => helped === 12,
        () => {
          over = true;
        },
      );
    });
    assert.deepEqual([sleighs, helped, log.length], [1, 12, 5]);
  }));

test("little book 5.6 building H2O: the barrier is passed in molecules", () =>
  underSchedules(async (pause) => {
    const [oxygen, hydrogen, barrier] = [new Semaphore(1), new Semaphore(2), new Barrier(3)];
    const bonds: string[] = [];
    const atom = (kind: string, slots: Semaphore) => async () => {
      await pause();
      await slots.with(async () => {
        await barrier.wait();
        bonds.push(kind);
        // Nobody leaves before all three have bonded, or the next atom would bond with these.
        await barrier.wait();
      });
    };
    await crowd(...many(6, atom("O", oxygen)), ...many(12, atom("H", hydrogen)));
    for (let molecule = 0; molecule < 6; molecule++) {
      assert.equal(
        bonds
          .slice(3 * molecule, 3 * molecule + 3)
          .sort()
          .join(""),
        "HHO",
      );
    }
  }));

test("little book 5.7 river crossing: four in a boat, never three and one", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    const shore = { hackers: 0, serfs: 0 };
    const boats: string[] = [];
    const seats = { hackers: 0, serfs: 0 };
    const passenger = (own: "hackers" | "serfs", other: "hackers" | "serfs") => async () => {
      await pause();
      await monitor.enter(
        () => seats.hackers + seats.serfs === 0,
        () => {
          shore[own]++;
          if (shore[own] >= 4) seats[own] = 4;
          else if (shore[own] >= 2 && shore[other] >= 2) {
            seats[own] = 2;
            seats[other] = 2;
          } else return;
          shore[own] -= seats[own];
          shore[other] -= seats[other];
          boats.push(`${seats.hackers}+${seats.serfs}`);
        },
      );
      await monitor.enter(
        () => seats[own] > 0,
        () => {
          seats[own]--;
        },
      );
    };
    await crowd(...many(10, passenger("hackers", "serfs")), ...many(6, passenger("serfs", "hackers")));
    assert.equal(boats.length, 4);
    for (const boat of boats) assert.ok(["4+0", "2+2", "0+4"].includes(boat), boat);
    assert.deepEqual(
      [shore, seats],
      [
        { hackers: 0, serfs: 0 },
        { hackers: 0, serfs: 0 },
      ],
    );
  }));

test("little book 5.8 roller coaster: the car leaves full, and nobody boards before it is empty", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    const capacity = 4;
    let [aboard, boarding, unboarding, rides] = [0, 0, 0, 0];
    const car = async () => {
      for (let n = 0; n < 3; n++) {
        await monitor.enter(
          () => aboard === 0,
          () => {
            boarding = capacity;
          },
        );
        await monitor.enter(
          () => aboard === capacity,
          () => {
            rides++;
          },
        );
        await pause();
        await monitor.enter(
          () => true,
          () => {
            unboarding = capacity;
          },
        );
        await monitor.enter(
          () => unboarding === 0,
          () => {},
        );
      }
    };
    const passenger = async () => {
      await pause();
      await monitor.enter(
        () => boarding > 0,
        () => {
          boarding--;
          aboard++;
          assert.ok(aboard <= capacity);
        },
      );
      await monitor.enter(
        () => unboarding > 0,
        () => {
          unboarding--;
          aboard--;
        },
      );
    };
    await crowd(car, ...many(12, passenger));
    assert.deepEqual([rides, aboard], [3, 0]);
  }));

test("little book 6.1 search-insert-delete: searchers share, one inserts beside them, a deleter is alone", () =>
  underSchedules(async (pause) => {
    const [list, inserting] = [new RWLock(), new Mutex()];
    const inside = { searching: 0, inserting: 0, deleting: 0 };
    const during = async (kind: keyof typeof inside, allowed: () => void) => {
      inside[kind]++;
      allowed();
      await pause();
      inside[kind]--;
    };
    const searcher = () => list.withRead(() => during("searching", () => assert.equal(inside.deleting, 0)));
    const inserter = () =>
      list.withRead(() => inserting.with(() => during("inserting", () => assert.deepEqual([inside.inserting, inside.deleting], [1, 0]))));
    const deleter = () => list.withWrite(() => during("deleting", () => assert.deepEqual(Object.values(inside), [0, 0, 1])));
    await crowd(...many(8, searcher), ...many(5, inserter), ...many(4, deleter));
    assert.deepEqual(Object.values(inside), [0, 0, 0]);
  }));

test("little book 6.2 unisex bathroom: one sex at a time, three at most, and all get in", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    const inside = { women: 0, men: 0 };
    let visits = 0;
    const person = (own: "women" | "men", other: "women" | "men") => async () => {
      await pause();
      await monitor.enter(
        () => inside[other] === 0 && inside[own] < 3,
        () => {
          inside[own]++;
          assert.ok(inside.women === 0 || inside.men === 0);
          assert.ok(inside.women + inside.men <= 3);
        },
      );
      await pause();
      await monitor.enter(
        () => true,
        () => {
          inside[own]--;
          visits++;
        },
      );
    };
    await crowd(...many(8, person("women", "men")), ...many(8, person("men", "women")));
    assert.deepEqual([visits, inside], [16, { women: 0, men: 0 }]);
  }));

test("little book 6.3 baboon crossing: one direction on the rope, five at most, neither side starves", () =>
  underSchedules(async (pause) => {
    const [direction, rope] = [new Mutex(), new Semaphore(5)];
    const on = { east: 0, west: 0 };
    /** A lightswitch: the first of a side takes the rope for it, the last gives it back. */
    const turnstile = new Mutex();
    const lit: Record<"east" | "west", { count: number; guard: { release(): void } | undefined; readonly mutex: Mutex }> = {
      east: { count: 0, guard: undefined, mutex: new Mutex() },
      west: { count: 0, guard: undefined, mutex: new Mutex() },
    };
    const baboon = (own: "east" | "west", other: "east" | "west") => async () => {
      await pause();
      await turnstile.with(() =>
        lit[own].mutex.with(async () => {
          if (lit[own].count++ === 0) lit[own].guard = await direction.acquire();
        }),
      );
      await rope.with(async () => {
        on[own]++;
        assert.equal(on[other], 0);
        assert.ok(on[own] <= 5);
        await pause();
        on[own]--;
      });
      await lit[own].mutex.with(() => {
        if (--lit[own].count === 0) lit[own].guard?.release();
      });
    };
    await crowd(...many(9, baboon("east", "west")), ...many(9, baboon("west", "east")));
    assert.deepEqual([on, direction.locked], [{ east: 0, west: 0 }, false]);
  }));

test("little book 6.4 Modus Hall: heathens and prudes never meet on the path", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    const on = { heathens: 0, prudes: 0 };
    const waiting = { heathens: 0, prudes: 0 };
    let ruled: "heathens" | "prudes" | undefined;
    const student = (own: "heathens" | "prudes", other: "heathens" | "prudes") => async () => {
      await pause();
      waiting[own]++;
      await monitor.enter(
        () => on[other] === 0 && (ruled !== other || waiting[other] === 0),
        () => {
          waiting[own]--;
          on[own]++;
          assert.equal(on[other], 0);
        },
      );
      await pause();
      await monitor.enter(
        () => true,
        () => {
          on[own]--;
          // The majority of those who wait rules next.
          if (on[own] === 0) ruled = waiting[other] > waiting[own] ? other : own;
        },
      );
    };
    await crowd(...many(8, student("heathens", "prudes")), ...many(8, student("prudes", "heathens")));
    assert.deepEqual(
      [on, waiting],
      [
        { heathens: 0, prudes: 0 },
        { heathens: 0, prudes: 0 },
      ],
    );
  }));

test("little book 7.1 sushi bar: once five sit, all of them leave before the next sits down", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    let [eating, party, eaten] = [0, false, 0];
    await crowd(
      ...many(17, async () => {
        await pause();
        await monitor.enter(
          () => !party,
          () => {
            eating++;
            assert.ok(eating <= 5);
            if (eating === 5) party = true;
          },
        );
        await pause();
        await monitor.enter(
          () => true,
          () => {
            eaten++;
            if (--eating === 0) party = false;
          },
        );
      }),
    );
    assert.deepEqual([eating, eaten, party], [0, 17, false]);
  }));

test("little book 7.2 child care: three children to an adult at most, at every moment", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    let [adults, children] = [0, 0];
    const rule = () => assert.ok(children <= 3 * adults, `${children} children, ${adults} adults`);
    const adult = async () => {
      await monitor.enter(
        () => true,
        () => {
          adults++;
          rule();
        },
      );
      await pause();
      await monitor.enter(
        () => children <= 3 * (adults - 1),
        () => {
          adults--;
          rule();
        },
      );
    };
    const child = async () => {
      await monitor.enter(
        () => children < 3 * adults,
        () => {
          children++;
          rule();
        },
      );
      await pause();
      await monitor.enter(
        () => true,
        () => {
          children--;
          rule();
        },
      );
    };
    // Two adults stay until all children have gone, or the last child might wait for ever.
    let gone = 0;
    const keeper = async () => {
      await monitor.enter(
        () => true,
        () => {
          adults++;
        },
      );
      await monitor.enter(
        () => gone === 12 && children <= 3 * (adults - 1),
        () => {
          adults--;
        },
      );
    };
    await crowd(
      keeper,
      keeper,
      ...many(3, adult),
      ...many(12, async () => {
        await child();
        await monitor.enter(
          () => true,
          () => {
            gone++;
          },
        );
      }),
    );
    assert.deepEqual([adults, children], [0, 0]);
  }));

test("little book 7.3 room party: the dean comes in for an empty room or fifty students, and nobody enters while he is in", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    const crowdSize = 10;
    let [students, dean, busted] = [0, false, 0];
    const student = async () => {
      await pause();
      await monitor.enter(
        () => !dean,
        () => {
          assert.equal(dean, false);
          students++;
        },
      );
      await pause();
      await monitor.enter(
        () => true,
        () => {
          students--;
        },
      );
    };
    const theDean = async () => {
      for (let n = 0; n < 3; n++) {
        await pause();
        await monitor.enter(
          () => students === 0 || students >= crowdSize,
          () => {
            assert.ok(students === 0 || students >= crowdSize);
            dean = true;
          },
        );
        await monitor.enter(
          () => students === 0,
          () => {
            dean = false;
            busted++;
          },
        );
      }
    };
    await crowd(theDean, ...many(14, student));
    assert.deepEqual([students, dean, busted], [0, false, 3]);
  }));

test("little book 7.4 senate bus: it takes those who waited when it came, and leaves at once when nobody does", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    let [waiting, boarding, gone, buses] = [0, 0, 0, 0];
    const total = 20;
    const rider = async () => {
      await pause();
      await monitor.enter(
        () => boarding === 0,
        () => {
          waiting++;
        },
      );
      await monitor.enter(
        () => boarding > 0,
        () => {
          boarding--;
          waiting--;
          gone++;
        },
      );
    };
    const bus = async () => {
      while (gone < total) {
        await monitor.enter(
          () => boarding === 0,
          () => {
            boarding = Math.min(waiting, 6);
            assert.ok(boarding <= waiting && boarding <= 6);
            buses++;
          },
        );
        await monitor.enter(
          () => boarding === 0,
          () => {},
        );
        await pause();
        // The next bus comes when there is a turn of the event loop to spare.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    };
    await crowd(bus, ...many(total, rider));
    assert.deepEqual([waiting, boarding, gone], [0, 0, total]);
    assert.ok(buses >= Math.ceil(total / 6));
  }));

test("little book 7.5 Faneuil Hall: nobody enters or leaves while the judge is in, and all who checked in swear", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    let [judge, entered, checked, confirmed, sworn] = [false, 0, 0, 0, 0];
    const immigrant = async () => {
      await pause();
      await monitor.enter(
        () => !judge,
        () => {
          entered++;
        },
      );
      await pause();
      const before = confirmed;
      await monitor.enter(
        () => true,
        () => {
          checked++;
        },
      );
      await monitor.enter(
        () => confirmed > before && !judge,
        () => {
          sworn++;
        },
      );
    };
    const theJudge = async () => {
      for (let done = 0; done < 12; ) {
        await monitor.enter(
          () => entered > 0,
          () => {
            judge = true;
          },
        );
        await monitor.enter(
          () => checked === entered,
          () => {
            done += checked;
            confirmed += checked;
            [checked, entered] = [0, 0];
          },
        );
        await pause();
        assert.deepEqual([judge, entered], [true, 0]);
        await monitor.enter(
          () => true,
          () => {
            judge = false;
          },
        );
      }
    };
    await crowd(theJudge, ...many(12, immigrant));
    assert.deepEqual([sworn, confirmed, judge], [12, 12, false]);
  }));

test("little book 7.6 dining hall: nobody leaves so that somebody is left eating alone", () =>
  underSchedules(async (pause) => {
    const monitor = new Monitor();
    let [eating, ready, gone] = [0, 0, 0];
    const students = 9;
    await crowd(
      ...many(students, async () => {
        await pause();
        await monitor.enter(
          () => true,
          () => {
            eating++;
          },
        );
        await pause();
        await monitor.enter(
          () => true,
          () => {
            eating--;
            ready++;
          },
        );
        await monitor.enter(
          () => eating !== 1 || ready > 1,
          () => {
            ready--;
            gone++;
            assert.equal(eating === 1 && ready === 0, false);
          },
        );
      }),
    );
    assert.deepEqual([eating, ready, gone], [0, 0, students]);
  }));
