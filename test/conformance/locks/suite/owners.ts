// Owners: a section of `with` is one, a task is none. Acquiring again inside the own section can never succeed, so it says so at once.
import assert from "node:assert/strict";
import { DeadlockError } from "../../../../src/contract/errors.ts";
import type { Guard } from "../../../../src/contract/sync.ts";
import { all } from "../../../../src/core/combinators.ts";
import { withTaskGroup } from "../../../../src/core/group.ts";
import { shield, timeout } from "../../../../src/core/waiting.ts";
import { coroutines } from "../../../../src/runtime/executors.ts";
import { gate, quiet, rejection } from "../../../unit/core/support.ts";
import { type Case, lazy, watch } from "../case.ts";

/** That it is refused, at once and by name. */
async function refused(work: () => PromiseLike<unknown>): Promise<void> {
  const error = await rejection(work());
  assert.equal(error instanceof DeadlockError, true, String(error));
  const { cycle, message, code } = error as DeadlockError;
  assert.equal(code, "ERR_BRIGADE_DEADLOCK");
  assert.match(message, /"subject" inside its own section/);
  assert.equal(cycle.length, 1);
  assert.match(String(cycle[0]), /^(?:main|task \S+ \(\S+\)) holds the .* "subject" and waits for more of it\n\s+at /);
}

export const owners: readonly Case[] = [
  {
    name: "acquiring again inside the own section is refused at once, with a timeout too",
    needs: ["not-reentrant"],
    async run({ lock, isFree }) {
      await lock.with(async () => {
        await refused(() => lock.acquire());
        await refused(() => lock.with(() => {}));
        await refused(() => lock.acquire({ timeout: 60_000 }));
        await refused(() => lock.acquire({ signal: new AbortController().signal }));
        await refused(() => timeout(60_000, () => lock.acquire()));
      });
      assert.equal(isFree(), true);
    },
  },
  {
    name: "so it is in a task, after an await, in a helper, and behind others in line",
    needs: ["not-reentrant"],
    async run({ lock, isFree }) {
      const helper = async () => {
        await undefined;
        return lock.acquire();
      };
      const task = coroutines.run(() =>
        lock.with(async () => {
          await quiet();
          await refused(helper);
        }),
      );
      await quiet(1);
      const other = lock.with(() => {});
      await Promise.all([task, other]);
      assert.equal(isFree(), true);
    },
  },
  {
    name: "what a section waits for is inside it: groups, their children, combinators, shields",
    needs: ["not-reentrant"],
    async run({ lock, isFree }) {
      await lock.with(async () => {
        await refused(() => withTaskGroup(() => lock.acquire(), { errors: "first" }));
        await withTaskGroup((group) => {
          group.run(() => refused(() => lock.with(() => {})));
        });
        await all([() => refused(() => lock.acquire())]);
        await refused(() => shield(() => lock.acquire()));
      });
      assert.equal(isFree(), true);
    },
  },
  {
    name: "tryAcquire inside the own section gives nothing",
    needs: ["not-reentrant"],
    async run({ lock }) {
      await lock.with(async () => {
        assert.equal(lock.tryAcquire(), undefined);
        await undefined;
        assert.equal(lock.tryAcquire(), undefined);
      });
    },
  },
  {
    name: "a clause inside the own section throws as acquire rejects",
    needs: ["not-reentrant"],
    async run({ lock }) {
      await lock.with(() => assert.throws(() => lazy(lock.acquiring()).attempt(undefined), DeadlockError));
    },
  },
  {
    name: "native branches of one task queue like separate tasks",
    async run({ lock, isFree }) {
      await coroutines.run(async () => {
        const section = () =>
          lock.with(async () => {
            await undefined;
            return "done";
          });
        assert.deepEqual(await Promise.all([section(), section(), section(), section()]), ["done", "done", "done", "done"]);
      });
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a task that acquires twice without a section only waits",
    needs: ["exclusive"],
    async run({ lock, isFree }) {
      const first = await lock.acquire();
      const waiting = lock.acquire();
      const seen = watch(waiting);
      await quiet();
      assert.equal(seen.state, "pending");
      first.release();
      (await waiting).release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a bare guard inside a section is no section: acquiring after it only waits",
    needs: ["exclusive"],
    async run({ lock, isFree }) {
      const held = await lock.acquire();
      const task = coroutines.run(() => lock.acquire({ timeout: 1 }));
      assert.equal(((await rejection(task)) as Error).name, "TimeoutError");
      held.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "a task that nobody has to wait for is outside the section that started it",
    needs: ["exclusive"],
    async run({ lock, isFree }) {
      let begun: Promise<Guard> | undefined;
      await lock.with(async () => {
        begun = coroutines.run(() => lock.acquire()).then((guard) => guard);
        await quiet();
      });
      (await begun)?.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "what a section left behind is outside any section once it has ended",
    needs: ["exclusive"],
    async run({ lock, isFree }) {
      const later = gate();
      let left: Promise<Guard> | undefined;
      await lock.with(() => {
        left = (async () => {
          await later.promise;
          return lock.acquire();
        })();
      });
      // Another section holds the lock when the one that was left behind comes.
      const hold = gate();
      const other = lock.with(() => hold.promise);
      later.open();
      await quiet();
      hold.open();
      await other;
      (await left)?.release();
      assert.equal(isFree(), true);
    },
  },
  {
    name: "sections of other locks around it are no hindrance",
    async run({ lock, isFree }) {
      const other = new (await import("../../../../src/sync/mutex.ts")).Mutex();
      assert.equal(await other.with(() => lock.with(() => "both")), "both");
      assert.equal(await lock.with(() => other.with(() => "both")), "both");
      assert.equal(isFree(), true);
    },
  },
];
