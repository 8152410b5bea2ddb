// Real threads under load: what the user's code has going in a worker goes on, and so does this side.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { openThreads } from "../../../src/runtime/index.ts";
import { goOn, next, stopAndCount } from "./busy-work.ts";

test("timers and sockets in a worker go on while it is never out of tasks, and so do this side's timers", async () => {
  await using pool = openThreads({ size: 1 });
  const port = await pool.run(goOn);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  let busy = true;
  let done = 0;
  // Each of the hundred keeps one task in flight, so that there always are some.
  const load = Array.from({ length: 100 }, async () => {
    while (busy) {
      const n = done++;
      assert.equal(await pool.run(next, n), n + 1);
    }
  });
  try {
    for (let n = 0; n < 20; n++) {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1");
        socket.setEncoding("utf8").once("data", resolve).once("error", reject);
      });
      assert.equal(answer, "here");
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  } finally {
    busy = false;
    clearInterval(timer);
    await Promise.all(load);
  }
  const theirs = await pool.run(stopAndCount);
  assert.ok(theirs >= 5, `${theirs} ticks in the worker`);
  assert.ok(ticks >= 5, `${ticks} ticks here`);
  assert.ok(done > 1_000, `${done} tasks`);
});
