// Goals: what was asked beside what came out.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aheadOf,
  atMost,
  inJavaScript,
  named,
  overLimit,
  type Standing,
  shareOfLimit,
  timesBetter,
  timesLimit,
} from "../../bench/suites/goals.ts";
import type { Role } from "../../bench/suites/suite.ts";
import { subject } from "./samples.ts";

function standing(name: string, role: Role, value: number | null, ratio: number | null): Standing {
  const row = { case: "case", subject: `${name}@1`, value, unit: "ns", samples: value === null ? [] : [value], ratio };
  return { subject: subject(name, role), row };
}

const own = standing("brigade", "brigade", 12, 1);
const limit = standing("limit: physics", "limit", 8, 8 / 12);
const slow = standing("slow", "rival", 60, 5);
const quick = standing("quick", "rival", 24, 2);
const absent = standing("absent", "rival", null, null);
const foreign: Standing = {
  ...standing("go", "rival", 6, 0.5),
  subject: { ...subject("go", "rival"), program: { kind: "go", section: "x" } },
};

test("atMost looks at brigade's own value", () => {
  assert.deepEqual(atMost(12, "ns").judge([limit, own]), { figure: "12.0 ns", met: true });
  assert.deepEqual(atMost(11, "ns").judge([own]), { figure: "12.0 ns", met: false });
  assert.equal(atMost(11, "ns").judge([limit]), undefined);
});

test("timesLimit says how many times the limit brigade costs", () => {
  assert.deepEqual(timesLimit(1.6, "physics").judge([own, limit]), { figure: "1.50×", met: true });
  assert.deepEqual(timesLimit(1.4, "physics").judge([own, limit]), { figure: "1.50×", met: false });
  assert.equal(timesLimit(1.4, "chemistry").judge([own, limit]), undefined);
});

test("shareOfLimit says how much of the limit brigade reaches", () => {
  assert.deepEqual(shareOfLimit(0.6, "physics").judge([own, limit]), { figure: "0.67", met: true });
  assert.deepEqual(shareOfLimit(0.7, "physics").judge([own, limit]), { figure: "0.67", met: false });
  assert.equal(shareOfLimit(0.7, "chemistry").judge([own, limit]), undefined);
});

test("overLimit says how much brigade adds to the limit", () => {
  assert.deepEqual(overLimit(4, "ms", "physics").judge([own, limit]), { figure: "4.00 ms", met: true });
  assert.deepEqual(overLimit(3, "ms", "physics").judge([own, limit]), { figure: "4.00 ms", met: false });
  assert.equal(overLimit(4, "ms", "physics").judge([own]), undefined);
  assert.equal(overLimit(4, "ms", "physics").judge([limit, standing("brigade", "brigade", null, null)]), undefined);
});

test("timesBetter is judged by the best of the rivals that it means", () => {
  const all = [own, limit, slow, absent, quick, foreign];
  assert.deepEqual(timesBetter(2, "twice", inJavaScript).judge(all), { figure: "2.00× quick@1", met: true });
  assert.deepEqual(timesBetter(3, "thrice", inJavaScript).judge(all), { figure: "2.00× quick@1", met: false });
  assert.deepEqual(timesBetter(3, "thrice", named("slow", "absent")).judge(all), { figure: "5.00× slow@1", met: true });
  assert.deepEqual(aheadOf("Go", named("go")).judge(all), { figure: "0.50× go@1", met: false });
});

test("a goal whose rivals were not measured is not judged", () => {
  assert.equal(aheadOf("it", named("absent")).judge([own, absent]), undefined);
});
