import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FindingCode } from "../../../src/observe/finding.ts";
import { firstLine, inTurn, unwatched, type Watched, watched } from "./programs.ts";
import { only } from "./watching.ts";

/** Statements with a mistake, and the same without; one line each, by which a finding is attributed. */
type Pairs = Readonly<Record<string, { readonly wrong: string; readonly right: string }>>;

const pairs: Readonly<Partial<Record<FindingCode, Pairs>>> = {
  "stuck-at-exit": {
    "a channel that nobody closes": {
      wrong: `const jobs = new Channel(1); coroutines.run(async () => { for await (const job of jobs); }).catch(() => {}); await jobs.send(1);`,
      right: `const jobs = new Channel(1); coroutines.run(async () => { for await (const job of jobs); }).catch(() => {}); await jobs.send(1); jobs.close();`,
    },
    "a lock that nobody releases": {
      wrong: `const lock = new Mutex(); await lock.acquire(); coroutines.run(() => lock.acquire()).catch(() => {});`,
      right: `const lock = new Mutex(); const guard = await lock.acquire(); coroutines.run(() => lock.acquire()).catch(() => {}); guard.release();`,
    },
    "permits that never come": {
      wrong: `const permits = new Semaphore(1); await permits.acquire(); coroutines.run(() => permits.acquire()).catch(() => {});`,
      right: `const permits = new Semaphore(2); await permits.acquire(); coroutines.run(() => permits.acquire()).catch(() => {});`,
    },
    "a condition that nobody notifies": {
      wrong: `const c = new Condition(); void c.mutex.with(() => c.wait());`,
      right: `const c = new Condition(); void c.mutex.with(() => c.wait()); await c.mutex.with(() => c.notify());`,
    },
    "an event that is never set": {
      wrong: `const ready = new Event(); void ready.wait(); await sleep(1);`,
      right: `const ready = new Event(); void ready.wait(); await sleep(1); ready.set();`,
    },
    "one party too few": {
      wrong: `const b = new Barrier(2); void b.wait();`,
      right: `const b = new Barrier(2); void b.wait(); void b.wait();`,
    },
    "a sleep without end": {
      wrong: `coroutines.run(() => sleep(Infinity)).catch(() => {});`,
      right: `const task = coroutines.run(() => sleep(Infinity)); task.catch(() => {}); await sleep(1); task.cancel();`,
    },
    "a group that waits for its child": {
      wrong: `void withTaskGroup((group) => void group.run(() => new Event().wait()));`,
      right: `void withTaskGroup((group) => void group.background(() => new Event().wait()));`,
    },
    "a wait that a listener of beforeExit ends": {
      wrong: `const jobs = new Channel(1); void jobs.receive().catch(() => {}); process.once("beforeExit", () => {});`,
      right: `const jobs = new Channel(1); void jobs.receive().catch(() => {}); process.once("beforeExit", () => jobs.close());`,
    },
  },
  "lost-failure": {
    "a coroutine that nobody awaits": {
      wrong: `coroutines.run(() => { throw new Error("disk full"); }); await sleep(1);`,
      right: `coroutines.run(() => { throw new Error("disk full"); }).catch(() => {}); await sleep(1);`,
    },
    "one that fails later": {
      wrong: `coroutines.run(async () => { await sleep(2); throw new Error("late"); }); await sleep(10);`,
      right: `await withTaskGroup((group) => void group.run(async () => { await sleep(2); throw new Error("late"); })).catch(() => {});`,
    },
    "one that is only called back when it is over": {
      wrong: `const task = coroutines.run(() => { throw new Error("no"); }); await sleep(1); task.onDone(() => {});`,
      right: `const task = coroutines.run(() => { throw new Error("no"); }); task.onDone(() => {}); await sleep(1);`,
    },
    "a serial task": {
      wrong: `serial.run(() => { throw new Error("no"); }); await sleep(1);`,
      right: `const task = serial.run(() => { throw new Error("no"); }); await Promise.resolve(); await task.catch(() => {});`,
    },
    "a task on a thread": {
      wrong: `threads.run(fail); await threads.drain(); await sleep(1);`,
      right: `await threads.run(fail).catch(() => {});`,
    },
    "one of a group that was joined": {
      wrong: `await withTaskGroup(() => { coroutines.run(() => { throw new Error("not its child"); }); return sleep(1); });`,
      right: `await withTaskGroup((group) => { group.run(() => { throw new Error("its child"); }); return sleep(1); }).catch(() => {});`,
    },
  },
  "unawaited-task": {
    "a promise that nobody settles": {
      wrong: `coroutines.run(() => new Promise(() => {})); await sleep(1);`,
      right: `coroutines.run(() => Promise.resolve()); await sleep(1);`,
    },
    "a callback that never comes": {
      wrong: `coroutines.run(async () => { await new Promise((resolve) => setTimeout(resolve, 5_000).unref()); });`,
      right: `coroutines.run(async () => { await new Promise((resolve) => setTimeout(resolve, 5)); });`,
    },
    "serial work": {
      wrong: `serial.run(() => new Promise(() => {}));`,
      right: `serial.run(() => new Promise((resolve) => setImmediate(resolve)));`,
    },
  },
  "blocking-wait": {
    "a coroutine that is ready": {
      wrong: `const task = threads.run(spin, 200); const other = coroutines.run(() => {}); task.joinSync(); await other;`,
      right: `const task = threads.run(spin, 200); const other = coroutines.run(() => {}); await task; await other;`,
    },
    "coroutines whose time comes meanwhile": {
      wrong: `const task = threads.run(spin, 300); const others = [100, 110].map((ms) => coroutines.run(async () => { await sleep(ms); await null; })); await sleep(1); task.joinSync(); await Promise.all(others);`,
      right: `const task = threads.run(spin, 200); const others = [4_000, 4_010].map((ms) => coroutines.run(() => sleep(ms))); await sleep(1); task.joinSync(); for (const other of others) await other.stop();`,
    },
    "a sibling of the task that blocks": {
      wrong: `await withTaskGroup((group) => { group.run(() => { threads.run(spin, 200).joinSync(); }); group.run(async () => {}); });`,
      right: `await withTaskGroup((group) => { group.run(() => { threads.run(spin, 200).joinSync(); }); });`,
    },
    "a wait that is short": {
      wrong: `const task = threads.run(spin, 250); const other = coroutines.run(() => {}); task.joinSync(); await other;`,
      right: `const task = threads.run(spin, 0); await task; const other = coroutines.run(() => {}); task.joinSync(); await other;`,
    },
  },
};

/** Pairs that cannot share a process with others: they end it. */
const endings: Readonly<Partial<Record<FindingCode, Pairs>>> = {
  "lost-failure": {
    "a program that dies of it": {
      wrong: `coroutines.run(() => { throw new Error("fatal"); }); await sleep(50);`,
      right: `coroutines.run(() => { throw new Error("fatal"); }).onDone(() => {}); await sleep(1);`,
    },
  },
  "unawaited-task": {
    "an exit in the middle of the work": {
      wrong: `coroutines.run(async () => { await new Promise((resolve) => setTimeout(resolve, 5_000)); }); await sleep(5); process.exit(0);`,
      right: `await coroutines.run(async () => { await new Promise((resolve) => setTimeout(resolve, 5)); }); process.exit(0);`,
    },
    "an exit with work in the background": {
      wrong: `coroutines.run(() => new Promise(() => {})); await sleep(5); process.exit(0);`,
      right: `coroutines.run(async () => { for (;;) await sleep(1_000); }); await sleep(5); process.exit(0);`,
    },
  },
};

/** Statements as a program: each on a line of its own, one after the other. */
function together(statements: readonly string[]): string {
  return `process.on("unhandledRejection", () => {});\n${statements.map((each) => `await (async () => { ${each} })();`).join("\n")}`;
}

/** The statements that were found guilty, by the lines of the stacks that are told. */
function guilty(code: FindingCode, { findings }: Watched, count: number): number[] {
  const stacks = only(findings, code).flatMap((each) =>
    each.code === "stuck-at-exit" ? each.waiting.map(({ stack }) => stack) : [each.stack],
  );
  return stacks.map((stack) => {
    const line = Number(/\[eval1\]:(\d+):/.exec(stack)?.[1]) - firstLine - 1;
    assert.ok(line >= 0 && line < count, stack);
    return line;
  });
}

for (const [code, cases] of Object.entries(pairs) as [FindingCode, Pairs][]) {
  test(`${code}: found in every program that has it, and nothing in its twin`, async (t) => {
    // A blocking wait has to be long, and only then the loop is looked at: how long it stands still depends on the machine.
    const options = { watch: `{ blockedLoopMs: ${code === "blocking-wait" ? 150 : 0} }` };
    const alone = Object.entries(endings[code] ?? {});
    const [wrong, right, ...ends] = (await inTurn(
      [
        together(Object.values(cases).map((pair) => pair.wrong)),
        together(Object.values(cases).map((pair) => pair.right)),
        ...alone.flatMap(([, pair]) => [pair.wrong, pair.right]),
      ],
      (body) => watched(body, options),
    )) as [Watched, Watched, ...Watched[]];
    const names = Object.keys(cases);
    const found = guilty(code, wrong, names.length).map((line) => names[line]);
    for (const [i, [name]] of alone.entries()) if (only((ends[2 * i] as Watched).findings, code).length === 1) found.push(name);
    const unasked = (program: Watched) => program.findings.filter((each) => each.code !== "blocked-loop");
    const falseAlarms = [right, ...ends.filter((_, i) => i % 2 === 1)].flatMap(unasked);
    const others = [wrong, ...ends].flatMap(unasked).filter((each) => each.code !== code);
    const all = [...names, ...alone.map(([name]) => name)];
    t.diagnostic(
      `${code}: recall ${new Set(found).size} of ${all.length}, precision ${found.length / (found.length + falseAlarms.length + others.length)}`,
    );
    assert.deepEqual([...falseAlarms, ...others], []);
    assert.deepEqual(found.sort(), all.sort(), wrong.stderr);
  });
}

describe("what is told at the end", () => {
  test("each operation that waits: whose, for what, since when, where", async () => {
    const { findings } = await watched(
      `const jobs = new Channel(0, { name: "jobs" });
       function consume() { return jobs.receive(); }
       coroutines.run(consume).catch(() => {});
       const db = new Mutex({ name: "db" });
       void db.with(() => sleep(Infinity));
       void db.with(() => {});
       await sleep(1);
       await sleep(20);`,
      { watch: "{ blockedLoopMs: 0 }" },
    );
    const [finding] = only(findings, "stuck-at-exit");
    assert.ok(finding);
    assert.equal(finding.waiting.length, 3);
    const task = finding.waiting.find((each) => each.task !== undefined);
    assert.match(task?.task ?? "", /^consume \(\w+\)$/);
    assert.match(task?.stack ?? "", /at consume /);
    assert.ok((task?.sinceMs ?? 0) >= 10);
    assert.match(finding.message, /consume \(\w+\) waits for /);
    assert.match(finding.message, /code outside any task waits for a moment in time/);
    assert.match(finding.message, /waits for the mutex "db" in \S+:\d+, which code outside any task took in /);
  });

  test("where a lost task was started, and what it failed with", async () => {
    const { findings, code } = await watched(
      `function startJob() { coroutines.run(function job() { throw new RangeError("out of paper"); }); }
       startJob();
       await sleep(50);`,
      { watch: "{ blockedLoopMs: 0 }" },
    );
    const [finding] = only(findings, "lost-failure");
    assert.ok(finding);
    assert.match(finding.task ?? "", /^job \(/);
    assert.match(finding.message, /job \(\w+\) failed and nobody noticed: out of paper\./);
    assert.match(finding.stack.split("\n")[0] ?? "", /at startJob /);
    assert.equal(code, 1, "the platform still ends the program");
  });

  test("what a deadlock explains is not told again as stuck", async () => {
    const { findings } = await watched(
      `const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
       const both = async (first, second) => { await first.acquire(); await sleep(1); await second.acquire(); };
       void Promise.all([both(a, b), both(b, a)]);`,
      { watch: "{ blockedLoopMs: 0 }" },
    );
    assert.deepEqual(
      findings.map(({ code }) => code),
      ["deadlock"],
    );
  });

  test("to a reader: what is found at the end of the loop is read before the reading ends", async () => {
    const { stdout, code } = await unwatched(
      `const found = watch({ blockedLoopMs: 0 });
       coroutines.run(() => sleep(Infinity)).catch(() => {});
       for await (const { code } of found) console.log("read", code);
       console.log("the reading has ended");`,
    );
    assert.match(stdout, /^read stuck-at-exit\nthe reading has ended$/m);
    assert.equal(code, 0);
  });
});

describe("a program that ends with code 13", () => {
  const body = `const lock = new Mutex({ name: "db" }); await lock.acquire(); await lock.acquire();`;

  test("is told what it waits for, and how to learn more", async () => {
    const { code, stderr } = await unwatched(body);
    assert.equal(code, 13);
    assert.match(stderr, /exit code 13/);
    assert.match(stderr, /waits for the mutex "db"/);
    assert.match(stderr, /BRIGADE_WATCH=1/);
  });

  test("is told nothing when it is not brigade that it waits for", async () => {
    const { code, stderr } = await unwatched("await new Promise(() => {});");
    assert.equal(code, 13);
    assert.doesNotMatch(stderr, /brigade:/);
  });
});

describe("BRIGADE_WATCH", () => {
  test("prints the findings of a program that says nothing of it, at most 80 columns wide but for stacks", async () => {
    const { stderr } = await unwatched(
      `const [a, b] = [new Mutex({ name: "a" }), new Mutex({ name: "b" })];
       const both = async (first, second) => { await first.acquire(); await sleep(1); await second.acquire(); };
       void Promise.all([both(a, b), both(b, a)]);`,
      { env: { BRIGADE_WATCH: "1" } },
    );
    assert.match(stderr, /^brigade found: deadlock \(main\)$/m);
    assert.match(stderr, /^ {2}Fix: Acquire the locks in the same order everywhere/m);
    for (const line of stderr.split("\n")) if (!/^\s+at /.test(line)) assert.ok(line.length <= 80, line);
  });

  test("tells of a failure that ends the program before anything could be loaded", async () => {
    const { code, stderr } = await unwatched(`coroutines.run(function save() { throw new Error("disk full"); }); await sleep(50);`, {
      env: { BRIGADE_WATCH: "1" },
    });
    assert.equal(code, 1);
    assert.match(stderr, /^brigade found: lost-failure \(main, task save \(t1\)\)$/m);
  });

  test("prints only what was asked for", async () => {
    const { stderr } = await unwatched(`void new Event().wait(); coroutines.run(() => new Promise(() => {}));`, {
      env: { BRIGADE_WATCH: "deadlock,unawaited-task" },
    });
    assert.match(stderr, /unawaited-task/);
    assert.doesNotMatch(stderr, /stuck-at-exit/);
  });

  test("tells once what is stuck, however often the loop ends", async () => {
    const { stderr } = await unwatched(
      `void new Event().wait(); let ends = 0; process.on("beforeExit", () => { if (ends++ < 6) setTimeout(() => {}, 5); });`,
      { env: { BRIGADE_WATCH: "1" } },
    );
    assert.equal(stderr.match(/found: stuck-at-exit/g)?.length, 1, stderr);
  });

  test("says what it may be", async () => {
    const { code, stderr } = await unwatched("", { env: { BRIGADE_WATCH: "deadlocks" } });
    assert.equal(code, 1);
    assert.match(stderr, /RangeError: BRIGADE_WATCH must be 1, or some of blocked-loop,.*, not "deadlocks"/);
  });

  test("0 and an empty value watch nothing", async () => {
    for (const value of ["", "0"]) {
      const { stderr } = await unwatched("void new Event().wait();", { env: { BRIGADE_WATCH: value } });
      assert.equal(stderr, "");
    }
  });
});
