import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { ProgressBar } from "../../../src/cli/progress.ts";

function fakeTerminal(columns: number, isTTY = true) {
  const written: string[] = [];
  return { stream: { columns, isTTY, write: (text: string) => written.push(text) }, written };
}

test("the bar grows, estimates, fits the terminal, and is erased", () => {
  const { stream, written } = fakeTerminal(60);
  let clock = 0;
  const bar = new ProgressBar(stream, { color: true, now: () => clock });
  bar.update(0, "serial · round 1 of 5");
  clock = 5000;
  bar.update(0.25, "threads × 2 · round 2 of 5, a long text that cannot fit");
  const [first = "", second = ""] = written.map((text) => stripVTControlCharacters(text).replace("\r", ""));
  assert.match(first, /^ {2}─{28} +0% {2}serial · round 1 of 5$/);
  assert.match(second, /^ {2}━{7}─{21} +25% {2}threads × 2/);
  assert.ok(second.length < 60);
  bar.clear();
  bar.clear();
  assert.deepEqual(written.slice(2), ["\r\u001b[2K"]);
});

test("the estimate is in words", () => {
  const { stream, written } = fakeTerminal(120);
  let clock = 0;
  const bar = new ProgressBar(stream, { color: false, now: () => clock });
  clock = 5000;
  bar.update(0.25, "serial");
  assert.match(written[0] ?? "", /serial · 15 s left$/);
  clock = 200_000;
  bar.update(0.5, "serial");
  assert.match(written[1] ?? "", /3 min left$/);
});

test("updates are thinned out", () => {
  const { stream, written } = fakeTerminal(80);
  let clock = 0;
  const bar = new ProgressBar(stream, { color: false, now: () => clock });
  for (clock = 0; clock < 1000; clock++) bar.update(clock / 1000, "x");
  assert.equal(written.length, 10);
});

test("no terminal, no bar", () => {
  const { stream, written } = fakeTerminal(80, false);
  const bar = new ProgressBar(stream, { color: true });
  bar.update(0.5, "x");
  bar.clear();
  assert.deepEqual(written, []);
});
