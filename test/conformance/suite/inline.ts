import assert from "node:assert/strict";
import { inline, NotPortableError, NotSerializableError } from "../../../src/runtime/index.ts";
import { isInPlace } from "../capabilities.ts";
import type { Subject } from "../case.ts";
import { assertError, failureOf, within } from "../ground.ts";
import { apply } from "../tasks.ts";
import { collect } from "../tasks-streams.ts";

const factor = 3;
const scaled = inline((n: number) => n * factor);
const half = inline((n: number) => n / 2);

/** Each form that a function can have. */
const forms = {
  arrow: inline((n: number) => n + 1),
  declared: inline(function declared(n: number): number {
    return n === 0 ? 1 : declared(n - 1) + 1;
  }),
  async: inline(async (n: number) => {
    await Promise.resolve();
    return n + 1;
  }),
  destructured: inline((n: number, { step = 1 }: { step?: number } = {}) => n + step),
  nested: inline((n: number) => {
    class Adder {
      #step = 1;
      add(to: number): number {
        return to + this.#step;
      }
    }
    const add = function add(to: number) {
      return new Adder().add(to);
    };
    return add(n);
  }),
};

export const inlineCases: Subject = {
  name: "inline",
  cases: [
    {
      name: "every form of function runs, and more than once",
      async run({ shared }) {
        for (const [form, fn] of Object.entries(forms))
          for (const n of [1, 5]) assert.equal(await shared.run(fn as (typeof forms)["arrow"], n), n + 1, form);
      },
    },
    {
      name: "map, stream, spawn and broadcast take it",
      async run({ shared }) {
        assert.deepEqual(await shared.map(half, [2, 4, 6]), [1, 2, 3]);
        const upTo = inline(function* (n: number) {
          for (let i = 0; i < n; i++) yield i;
        });
        assert.deepEqual(await within(collect(shared.stream(upTo, 4)), "it ends"), [0, 1, 2, 3]);
        assert.equal(await shared.spawn(half, 10), 5);
        assert.ok((await shared.broadcast(half, 8)).every((each) => each === 4));
      },
    },
    {
      name: "import() inside is relative to the module it was written in; globals are there",
      async run({ shared }) {
        const located = inline(async (a: number) => {
          const { greet } = await import("../modules/plain.js");
          return { greeting: greet("you"), sep: (await import("node:path")).posix.sep, root: Math.sqrt(a), copy: structuredClone([a]) };
        });
        assert.deepEqual(await shared.run(located, 9), { greeting: "hello you", sep: "/", root: 3, copy: [9] });
      },
    },
    {
      name: "what is not self-contained is refused by name where it would leave the thread",
      async run({ shared, has }) {
        const task = shared.run(scaled, 2);
        if (!has("copies")) return assert.equal(await task, 6);
        const error = await failureOf(task);
        assertError(error, NotPortableError, "ERR_BRIGADE_NOT_PORTABLE", /factor \(line 1\).*\n {2}export const work = portable\("work"/);
        assert.deepEqual(error.freeVariables, ["factor"]);
        const again = await failureOf(shared.run(scaled, 2));
        assert.notEqual(again, error);
        assert.equal((again as Error).message, error.message);
      },
    },
    {
      name: "as an argument it arrives callable at once; unsound it is refused with its path",
      async run({ shared, has }) {
        assert.equal(await shared.run(apply, half, 42), 21);
        const nested = inline((fns: readonly ((n: number) => number)[], n: number) => fns.map((fn) => fn(n)));
        assert.deepEqual(await shared.run(nested, [half, forms.arrow], 4), [2, 5]);
        if (!has("copies")) return;
        const error = await failureOf(shared.run(nested, [half, scaled], 4));
        assertError(
          error,
          NotSerializableError,
          "ERR_BRIGADE_NOT_SERIALIZABLE",
          /arguments\[0\]\[1\] cannot travel: it is a function that is not portable\..*factor/s,
        );
        assert.equal(error.path, "arguments[0][1]");
      },
    },
    {
      name: "it comes back as the same function",
      async run({ shared }) {
        const identity = inline((value: unknown) => value);
        assert.equal(await shared.run(identity, half), half);
      },
    },
    {
      name: "its stack names it, the module it was written in, and the line within it",
      needs: ["copies"],
      async run({ shared, place }) {
        if (isInPlace(place)) return;
        const thrower = inline(() => {
          const late = 1;
          throw new RangeError(`inline ${late}`);
        });
        const error = await failureOf(shared.with({ name: "thrower" }).run(thrower));
        assert.ok(error instanceof RangeError);
        assert.match(String(error.stack), /at (?:inline \()?file:.*\/suite\/inline\.js#inline:3:\d+\)?\n/);
        assert.match(String(error.stack), /at brigade task "thrower"/);
      },
    },
    {
      name: "setup and teardown of a pool may be inline",
      needs: ["workers"],
      async run({ open }) {
        const pool = open({
          size: 1,
          setup: inline(() => {
            Reflect.set(globalThis, "laid", "table");
          }),
        });
        assert.equal(await pool.run(inline(() => Reflect.get(globalThis, "laid") as string)), "table");
      },
    },
    {
      name: "a worker compiles each source once, and forgets none that is in use",
      needs: ["workers"],
      async run({ open }) {
        const pool = open({ size: 1 });
        const counting = inline(function counting(): number {
          const self = counting as unknown as { calls?: number };
          self.calls = (self.calls ?? 0) + 1;
          return self.calls;
        });
        assert.equal(await pool.run(counting), 1);
        assert.equal(await pool.run(counting), 2);
        // More sources than a worker keeps, each used once, beside one that is used all the time.
        for (let i = 0; i < 300; i++) {
          const made = inline(new Function(`return ${i};`) as () => number);
          assert.equal(await pool.run(made), i);
          if (i % 50 === 0) assert.equal(await pool.run(counting), 3 + i / 50);
        }
      },
    },
    {
      name: "a function made on a worker is handed on, but never compiled in the program",
      needs: ["copies"],
      async run({ shared, place }) {
        if (isInPlace(place)) return;
        // As text: the compiler rewrites an import() of what is no literal.
        const text = "return import(brigade).then(({ inline }) => inline((n) => n + 100));";
        const maker = inline(new Function("brigade", text) as (brigade: string) => Promise<(n: number) => number>);
        const made = await shared.run(maker, new URL("../../../src/runtime/index.js", import.meta.url).href);
        assert.equal(await shared.run(made as typeof half, 1), 101);
        await assert.rejects(async () => await made(1), /was made on a worker/);
      },
    },
  ],
};
