// The wake word: no wake-up is lost, and of many who publish one sends the message.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { add, allocateWords, load } from "../../../src/memory/atomics.ts";
import { WakeWord } from "../../../src/memory/wake-word.ts";

test("an owner that is awake is left alone; one that rests is sent one message", () => {
  const words = allocateWords(1);
  const [owner, other] = [new WakeWord(words), new WakeWord(words)];
  assert.equal(other.wake(), false);
  owner.rest();
  assert.equal(other.wake(), true);
  assert.equal(other.wake(), false, "a message is on its way");
  assert.equal(owner.leave(), false, "somebody has woken it");
  owner.rest();
  assert.equal(owner.leave(), true, "it found work by itself");
  assert.equal(other.wake(), false);
});

test("an owner that is about to block and was woken meanwhile does not sleep", () => {
  const words = allocateWords(1);
  const [owner, other] = [new WakeWord(words), new WakeWord(words)];
  owner.drowse();
  assert.equal(other.wake(), false, "no message for one that blocks");
  const before = performance.now();
  owner.sleepSync(60_000);
  assert.ok(performance.now() - before < 30_000);
  owner.drowse();
  owner.sleepSync(1);
  assert.equal(other.wake(), false, "awake again after its time was over");
});

test("two threads hand a counter to and fro, blocked in between: no wake-up is lost", async () => {
  const rounds = 5_000;
  // 0: word of this thread, 16: word of the other, 32: what this one published, 48: what the other did.
  const words = allocateWords(64);
  const module = (name: string) => JSON.stringify(new URL(`../../../src/memory/${name}.js`, import.meta.url).href);
  const source = `
    const { workerData: words } = require("node:worker_threads");
    Promise.all([import(${module("atomics")}), import(${module("wake-word")})]).then(([{ add, load }, { WakeWord }]) => {
      const [near, own] = [new WakeWord(words, 0), new WakeWord(words, 16)];
      for (let round = 1; round <= ${rounds}; round++) {
        while (load(words, 32) < round) {
          own.drowse();
          if (load(words, 32) < round) own.sleepSync(20_000);
          else own.awake();
        }
        add(words, 48, 1);
        near.wake();
      }
    });`;
  const worker = new Worker(source, { eval: true, workerData: words });
  const exit = new Promise((resolve) => worker.on("exit", resolve));
  const [own, far] = [new WakeWord(words, 0), new WakeWord(words, 16)];
  const before = performance.now();
  for (let round = 1; round <= rounds; round++) {
    add(words, 32, 1);
    far.wake();
    while (load(words, 48) < round) {
      own.drowse();
      if (load(words, 48) < round) own.sleepSync(20_000);
      else own.awake();
    }
  }
  assert.ok(performance.now() - before < 20_000, "one lost wake-up would take as long as the sleep");
  await exit;
});
