// Modules that cannot be imported, that do not have what is asked of them, or that do too much.
import assert from "node:assert/strict";
import { moduleFunctions, NotPortableError, TimeoutError } from "../../../src/runtime/index.ts";
import type { Fault } from "../fault.ts";
import { assertError, failureOf, within } from "../ground.ts";
import { assertLost } from "./deaths.ts";

type Never = { never: () => string };

export const importFaults: readonly Fault[] = [
  {
    name: "a module that is missing",
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1 });
      const { never } = moduleFunctions<Never>(ground.module("no-such-module"));
      for (let round = 0; round < 2; round++) {
        const error = await failureOf(follow(executor.run(never)));
        assertError(error, NotPortableError, "ERR_BRIGADE_NOT_PORTABLE", /no-such-module/);
        assert.ok(error.cause instanceof Error);
      }
      return executor;
    },
  },
  {
    name: "a module without that export",
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1 });
      const { never, answer } = moduleFunctions<Never & { answer: () => number }>(ground.module("plain"));
      assertError(await failureOf(follow(executor.run(never))), NotPortableError, "ERR_BRIGADE_NOT_PORTABLE", /greet/);
      assertError(await failureOf(follow(executor.run(answer))), NotPortableError, "ERR_BRIGADE_NOT_PORTABLE", /not a function/);
      const { greet } = moduleFunctions<{ greet: (name: string) => string }>(ground.module("plain"));
      assert.equal(await follow(executor.run(greet, "you")), "hello you");
      return executor;
    },
  },
  {
    name: "a module that throws at its import",
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1 });
      const { never } = moduleFunctions<Never>(ground.module("throws-at-import"));
      const error = await failureOf(follow(executor.run(never)));
      assertError(error, NotPortableError, "ERR_BRIGADE_NOT_PORTABLE", /not today/);
      assert.ok(error.cause instanceof RangeError);
      return executor;
    },
  },
  {
    name: "a module that starts work at its import",
    needs: ["ownModules"],
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1 });
      const { quiet } = moduleFunctions<{ quiet: () => string }>(ground.module("works-at-import"));
      for (let round = 0; round < 2; round++) {
        assertError(await failureOf(follow(executor.run(quiet))), NotPortableError, "ERR_BRIGADE_NOT_PORTABLE", /isMainLevel/);
      }
      return executor;
    },
  },
  {
    name: "a module that ends its program at its import",
    needs: ["exitContainment"],
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1 });
      const { never } = moduleFunctions<Never>(ground.module("exits-at-import"));
      assertLost(await failureOf(follow(executor.run(never))), { exitCode: 4 });
      return executor;
    },
  },
  {
    name: "a module whose import never ends",
    needs: ["ownModules"],
    async inject({ open, follow, ground }) {
      const executor = open({ size: 1 });
      const { never } = moduleFunctions<Never>(ground.module("hangs-at-import"));
      const task = follow(executor.with({ timeout: 100, grace: 50 }).run(never));
      assertError(await failureOf(task), TimeoutError, "ERR_BRIGADE_TIMEOUT");
      return executor;
    },
  },
  {
    name: "a plain closure",
    needs: ["ownModules"],
    async inject({ open, follow }) {
      const executor = open({ size: 1 });
      const closure = (() => 1) as never;
      assertError(await failureOf(follow(executor.run(closure))), NotPortableError, "ERR_BRIGADE_NOT_PORTABLE", /portable\("closure"/);
      assertError(await failureOf(follow(executor.spawn(closure))), NotPortableError, "ERR_BRIGADE_NOT_PORTABLE");
      await within(executor.drain(), "nothing is left of it");
      return executor;
    },
  },
];
