// The pool that loses a worker: what the picture shows is what has happened.
import assert from "node:assert/strict";
import { test } from "node:test";
import { finish, start, useFile } from "./program.ts";

for (const columns of [80, 120]) {
  test(`a pool loses a worker, in ${columns} columns`, { skip: process.platform === "win32" ? "SIGKILL is POSIX" : false }, async () => {
    const child = start([useFile("losing-a-worker")], { COLUMNS: String(columns), BRIGADE_EXAMPLE_MS: "400" });
    child.stdin?.end();
    const { lines, stderr, code } = await finish(child);
    const picture = lines.join("\n");
    assert.deepEqual([stderr, code], ["", 0]);
    assert.ok(Math.max(...lines.map((line) => line.length)) <= columns, picture);
    const kitchens = [...picture.matchAll(/^(kitchen-\d+) /gm)].map(([, name]) => name);
    assert.deepEqual(kitchens.sort(), ["kitchen-1", "kitchen-2", "kitchen-3"], picture);
    // One bar ends with a cross, and it is the last of its lane.
    const crossed = lines.filter((line) => /[|-]x/.test(line));
    assert.equal(crossed.length, 1, picture);
    assert.match(crossed[0] ?? "", /x$/, picture);
    assert.match(picture, /^A bake {3}B cake {3}x failed$/m);
    // Whoever was in reserve begins no sooner than the other has ended.
    const third = lines.find((line) => line.startsWith("kitchen-3 ")) ?? "";
    assert.ok(third.indexOf("|") >= (crossed[0] ?? "").length - 2, picture);
    assert.match(picture, /^The worker kitchen-[12] died under the task cake \(killed by SIGKILL\)\.$/m);
    assert.match(lines.at(-2) ?? "", /^Found out \d+\.\d ms after the kill\.$/);
    assert.equal(lines.at(-1), "11 of 12 are done.");
  });
}
