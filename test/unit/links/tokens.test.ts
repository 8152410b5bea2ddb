// Claims by a shared reading position: whoever reads a token has it. Both sides in one process, and then in two.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { test } from "node:test";
import { mostOpen, openTokenFile, TokenClaims, TokenOffers } from "../../../src/executors/process/tokens.ts";

const skip = process.platform === "linux" ? false : "reading positions are known to be shared on Linux only";

function sides(): { near: TokenOffers; far: TokenClaims; fd: number; taken: () => number } {
  const fd = openTokenFile() as number;
  let taken = 0;
  const near = new TokenOffers(fd, () => taken++);
  // One description, as an inherited descriptor is; a second one opened by path would have a position of its own.
  return { near, far: new TokenClaims(fd), fd, taken: () => taken };
}

/** Makes that many offers. */
const offer = (near: TokenOffers, count: number): number[] => Array.from({ length: count }, () => near.offer() as number);

test("an offer is claimed once it is written, in order", { skip }, () => {
  const { near, far } = sides();
  const [first, second] = offer(near, 2) as [number, number];
  assert.equal(far.claim(first), undefined, "nobody can claim what is not written");
  assert.deepEqual(near.write(), { wakes: false, granted: [] });
  assert.equal(far.claim(first), true);
  assert.equal(near.isClaimed(first), false, "not seen without a look");
  near.look();
  assert.deepEqual([near.isClaimed(first), near.isClaimed(second)], [true, false]);
  assert.equal(near.write().wakes, true, "the second was out of the file for a moment");
  assert.equal(far.claim(second), true);
  near.finish();
});

test("what was taken back is passed over; what was claimed is not taken back", { skip }, () => {
  const { near, far, taken } = sides();
  const [a, b, c, d] = offer(near, 4) as [number, number, number, number];
  near.write();
  assert.equal(far.claim(a), true);
  assert.equal(near.revoke(a), false);
  assert.equal(near.revoke(b), true);
  assert.equal(near.revoke(b), false, "once");
  assert.equal(near.revoke(d), true);
  assert.equal(far.claim(b), undefined, "all is out of the file");
  assert.equal(taken(), 1);
  near.write();
  assert.equal(far.claim(b), false);
  assert.equal(far.claim(c), true);
  assert.equal(far.claim(d), undefined, "nothing tells that it never comes, and nothing is lost by waiting");
  const [e] = offer(near, 1) as [number];
  near.write();
  assert.equal(far.claim(d), false);
  assert.equal(far.claim(e), true);
  near.finish();
});

test("an answer tells that those before it are claimed", { skip }, () => {
  const { near, far } = sides();
  const [a, b, c] = offer(near, 3) as [number, number, number];
  near.write();
  far.claim(a);
  far.claim(b);
  near.close(b);
  assert.deepEqual([near.isClaimed(a), near.isClaimed(b), near.isClaimed(c), near.open], [true, true, false, 1]);
  near.finish();
});

test("when the child is gone it is certain what it had claimed, and the descriptor is closed", { skip }, () => {
  const { near, far, fd } = sides();
  const numbers = offer(near, 5);
  near.write();
  for (const number of numbers.slice(0, 2)) far.claim(number);
  near.finish();
  assert.deepEqual(
    numbers.map((number) => near.isClaimed(number)),
    [true, true, false, false, false],
  );
  assert.throws(() => fstatSync(fd), { code: "EBADF" });
  near.finish();
});

test("there is a bound, and the file does not grow for ever", { skip }, () => {
  const { near, far, fd } = sides();
  const numbers = offer(near, mostOpen);
  assert.equal(near.offer(), undefined);
  near.write();
  for (const number of numbers) assert.equal(far.claim(number), true);
  near.close(numbers.at(-1) as number);
  let largest = 0;
  for (let round = 0; round < 300; round++) {
    const batch = offer(near, 1_000);
    near.write();
    // A few stay open all the time.
    for (const number of batch) assert.equal(far.claim(number), true);
    near.close(batch.at(-2) as number);
    near.close(batch.at(-1) as number);
    largest = Math.max(largest, fstatSync(fd).blocks * 512);
  }
  assert.ok(largest < 1_000_000, `${largest} bytes`);
  near.finish();
});

test("a file that takes no more: the offers are granted by word", { skip }, () => {
  const fd = openSync("/dev/full", "r+");
  let near: TokenOffers | undefined;
  try {
    near = new TokenOffers(fd, () => {});
    const numbers = offer(near, 3);
    assert.deepEqual(near.write(), { wakes: false, granted: numbers });
    assert.equal(near.revoke(numbers[0] as number), false);
    assert.equal(near.isClaimed(numbers[2] as number), true);
    assert.equal(near.offer(), undefined, "no more offers");
  } finally {
    closeSync(fd);
  }
  const { far, near: other } = sides();
  far.grant([7, 9]);
  assert.deepEqual([far.claim(7), far.claim(9), far.claim(9)], [true, true, undefined]);
  other.finish();
});

test("two processes never both have one, however they race; a kill loses none", { skip }, async () => {
  const claims = `
    const fs = require("node:fs");
    const bytes = Buffer.alloc(8);
    for (;;) if (fs.readSync(4, bytes, 0, 8, null) === 8) fs.writeSync(1, bytes.readUInt32LE(0) + "\\n");`;
  for (let round = 0; round < 5; round++) {
    const fd = openTokenFile() as number;
    const near = new TokenOffers(fd, () => {});
    const child = spawn(process.execPath, ["-e", claims], { stdio: ["ignore", "pipe", "inherit", "ignore", fd] });
    const [revoked, offered] = [new Set<number>(), [] as number[]];
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk;
    });
    const closed = new Promise((resolve) => child.on("close", resolve));
    const end = performance.now() + 20_000;
    while (text.length < 2_000 * (round + 1)) {
      assert.ok(performance.now() < end, `only ${text.length} characters`);
      if (near.open < 500) offered.push(...offer(near, 20));
      near.write();
      await new Promise((resolve) => setImmediate(resolve));
      const number = offered[Math.floor(offered.length - 1 - 30 * Math.random())];
      if (number !== undefined && near.revoke(number)) revoked.add(number);
      near.look();
    }
    near.write();
    child.kill("SIGKILL");
    await closed;
    near.finish();
    // The last line may be missing or cut: it was claimed and could not be told any more.
    const told = new Set(text.slice(0, text.lastIndexOf("\n")).split("\n").map(Number));
    const unsure = offered.filter((number) => near.isClaimed(number) && !told.has(number) && !revoked.has(number));
    assert.ok(unsure.length <= 1, `${unsure.length} vanished`);
    for (const number of revoked) assert.equal(told.has(number), false, "both had it");
    for (const number of told) assert.equal(near.isClaimed(number), true);
    assert.ok(revoked.size > 0 && told.size > 100);
  }
});

test("a descriptor that is another file by now is refused", { skip }, () => {
  const fd = openSync(process.execPath, "r");
  try {
    assert.throws(() => new TokenClaims(fd).claim(1), /has closed a descriptor/);
  } finally {
    closeSync(fd);
  }
});

test("the file has no name, and nobody else may read it", { skip }, () => {
  const fd = openTokenFile() as number;
  const { nlink, mode } = fstatSync(fd);
  assert.deepEqual([nlink, mode & 0o777], [0, 0o600]);
  assert.equal(readSync(fd, Buffer.alloc(4), 0, 4, null), 0);
  closeSync(fd);
});
