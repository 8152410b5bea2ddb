// Claims: of the two who reach for an offer exactly one gets it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { allocateClaims, claim, claimPlaces, Offers } from "../../../src/memory/claims.ts";

test("an offer is claimed or revoked, never both, and neither twice", () => {
  const words = allocateClaims();
  const offers = new Offers(words);
  const [first, second] = [offers.offer() as number, offers.offer() as number];
  assert.equal(offers.isClaimed(first), false);
  assert.equal(claim(words, first), true);
  assert.equal(claim(words, first), false);
  assert.equal(offers.isClaimed(first), true);
  assert.equal(offers.revoke(first), false);
  assert.equal(offers.revoke(second), true);
  assert.equal(offers.revoke(second), false);
  assert.equal(claim(words, second), false);
  assert.equal(offers.isClaimed(second), false);
});

test("a place is used again at once, and whoever still holds the old offer has lost it", () => {
  const words = allocateClaims();
  const offers = new Offers(words);
  const old = offers.offer() as number;
  assert.ok(offers.revoke(old));
  offers.close(old);
  for (let n = 1; n < claimPlaces; n++) offers.close(offers.offer() as number);
  const fresh = offers.offer() as number;
  assert.equal(fresh % claimPlaces, old % claimPlaces, "the same place");
  assert.equal(claim(words, old), false);
  assert.equal(offers.revoke(old), false);
  assert.ok(claim(words, fresh));
});

test("an open offer keeps its place: the next lap is refused until it is closed", () => {
  const words = allocateClaims();
  const offers = new Offers(words);
  const held = offers.offer() as number;
  for (let n = 1; n < claimPlaces; n++) offers.close(offers.offer() as number);
  assert.equal(offers.offer(), undefined);
  assert.ok(claim(words, held));
  assert.equal(offers.offer(), undefined, "claimed is not over");
  offers.close(held);
  assert.notEqual(offers.offer(), undefined);
});

test("any order of offers, claims, revocations and closings keeps the books", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("offer", "claim", "revoke", "close"), fc.nat(30)), { maxLength: 300 }), (steps) => {
      const words = allocateClaims();
      const offers = new Offers(words);
      const book: { readonly number: number; state: "open" | "claimed" | "revoked" | "closed" }[] = [];
      for (const [step, which] of steps) {
        const entry = book[which % Math.max(1, book.length)];
        if (step === "offer") book.push({ number: offers.offer() as number, state: "open" });
        else if (entry === undefined) continue;
        else if (step === "claim") {
          assert.equal(claim(words, entry.number), entry.state === "open");
          if (entry.state === "open") entry.state = "claimed";
        } else if (step === "revoke") {
          assert.equal(offers.revoke(entry.number), entry.state === "open");
          if (entry.state === "open") entry.state = "revoked";
        } else if (entry.state !== "open") {
          offers.close(entry.number);
          entry.state = "closed";
        }
      }
    }),
  );
});

test("two threads reach for the same offers: each goes to one of them", async () => {
  const total = 1_000;
  const words = allocateClaims();
  const offers = new Offers(words);
  const numbers = Array.from({ length: total }, () => offers.offer() as number);
  const module = new URL("../../../src/memory/claims.js", import.meta.url).href;
  const source = `
    const { workerData, parentPort } = require("node:worker_threads");
    import(${JSON.stringify(module)}).then(({ claim }) => {
      parentPort.postMessage("up");
      parentPort.once("message", () => {
        parentPort.postMessage(workerData.numbers.filter((number) => claim(workerData.words, number)));
      });
    });`;
  const worker = new Worker(source, { eval: true, workerData: { words, numbers } });
  await new Promise((resolve) => worker.once("message", resolve));
  worker.postMessage("go");
  const revoked = numbers.toReversed().filter((number) => offers.revoke(number));
  const claimed = await new Promise<number[]>((resolve) => worker.once("message", resolve));
  assert.equal(revoked.length + claimed.length, total);
  assert.deepEqual(
    [...revoked, ...claimed].sort((a, b) => a - b),
    numbers,
  );
  for (const number of claimed) assert.ok(offers.isClaimed(number));
  await worker.terminate();
});
