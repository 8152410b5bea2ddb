// Real shortages: a program that may open no more files, or start no more processes. Its pools fail with the reason, nothing leaks,
// and it goes on when there is room again.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const canLimit = process.platform === "linux" && spawnSync("prlimit", ["--version"]).status === 0;
const skip = canLimit ? false : "takes Linux and prlimit";

function start(...args: string[]): { readonly child: ChildProcess; line(): Promise<unknown>; readonly code: Promise<number | null> } {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./starved.js", import.meta.url)), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  const line = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    assert.ok(!done, "the program ended without a line");
    return JSON.parse(value as string);
  };
  return { child, line, code };
}

for (const when of ["", "from the start"]) {
  test(`too many open files (EMFILE)${when && `, ${when}`}: the pool says so, at whatever step it comes, and nothing is left open`, {
    skip,
  }, async (t) => {
    const program = start("files", when);
    const { attempts, leaked, leakedByNode } = (await program.line()) as {
      attempts: { left: number; ended: string; why?: string; code?: string }[];
      leaked: number;
      leakedByNode: number;
    };
    for (const { left, ended, why, code } of attempts) {
      t.diagnostic(`${left} left: ${ended}${code === undefined ? "" : ` (${code})`}`);
      if (ended === "8") continue;
      assert.equal(ended, "PoolBrokenError", `${left} left`);
      assert.match(
        why ?? "",
        /A process cannot be started: this program has too many open files; .*ulimit -n\) \(EMFILE\)/,
        `${left} left`,
      );
    }
    assert.equal(attempts[0]?.ended, "PoolBrokenError");
    assert.equal(attempts.at(-1)?.ended, "8");
    t.diagnostic(`descriptors left open: ${leaked}; by the same with Node's spawn alone: ${leakedByNode}`);
    // The reaper, where it is started here, is another spawn, and a pipe for the rest of the program.
    assert.ok(leaked <= leakedByNode + (when === "" ? 0 : 2), `${leaked} descriptors left, by Node alone ${leakedByNode}`);
    assert.equal(await program.code, 0);
  });
}

test("no more processes (EAGAIN): the pool says so, and the next one works when there are some again", { skip }, async () => {
  const program = start("processes");
  const first = (await program.line()) as { ended: string; why?: string; code?: string };
  assert.equal(first.ended, "PoolBrokenError");
  assert.match(first.why ?? "", /no more processes; .*ulimit -u\) \(EAGAIN\)/);
  assert.equal(first.code, "EAGAIN");
  // As the user that it has become: root may lack the right to change the limits of another.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  assert.equal(spawnSync("prlimit", ["--pid", String(program.child.pid), "--nproc=4000"], user).status, 0);
  assert.deepEqual(await program.line(), { ended: "8" });
  assert.equal(await program.code, 0);
});
