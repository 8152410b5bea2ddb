import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { LaneData } from "../../../../src/lab/html/lanes.ts";
import { type Comparison, renderHTML, renderText } from "../../../../src/runtime/lab.ts";
import { madeReport, madeRow } from "../samples.ts";
import { comparisonNamed, reportsNamed } from "./reports.ts";
import { scan, shapeOf } from "./scan.ts";

const hostile = [
  "</script><img src=x onerror=alert(1)>",
  "</style><script>alert(1)</script>",
  '" onmouseover="alert(1)" x="',
  "' onfocus='alert(1)",
  "<!--<script>",
  "]]><svg onload=alert(1)>",
  "\u2028\u2029<b>",
  "${alert(1)}`",
  "&lt;script&gt;&#60;b&#62;",
  "javascript:alert(1)",
  "\u0000<\u0000script>",
  "\ud800</title>",
];

for (const kind of ["comparison", "matrix", "claims", "advice"]) {
  const plain = scan(renderHTML(reportsNamed("plain")[kind] as Comparison));

  for (const name of hostile) {
    test(`${kind}: ${JSON.stringify(name)} is text wherever it stands`, () => {
      const page = renderHTML(reportsNamed(name)[kind] as Comparison);
      const seen = scan(page);
      assert.deepEqual(shapeOf(seen), shapeOf(plain));
      assert.doesNotThrow(() => JSON.parse(seen.raw.find(({ start }) => start.attributes.get("type") === "application/json")?.text ?? ""));
      assert.equal(seen.raw.length, plain.raw.length);
    });
  }

  test(`${kind}: one file that fetches nothing and runs nothing but its own program`, () => {
    const loading = new Set(["src", "srcset", "href", "data", "action", "poster", "background"]);
    for (const { name, attributes } of plain.starts) {
      for (const [attribute, value] of attributes) {
        assert.ok(!attribute.startsWith("on") && attribute !== "style", `${name} ${attribute}`);
        if (loading.has(attribute)) assert.match(value, /^#[\w-]+$/, `${name} ${attribute}`);
      }
      assert.ok(!["link", "iframe", "object", "embed", "img", "base", "form"].includes(name), name);
    }
    const policy =
      plain.starts.find(({ attributes }) => attributes.get("http-equiv") === "Content-Security-Policy")?.attributes.get("content") ?? "";
    assert.match(policy, /^default-src &#39;none&#39;; /);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    for (const { start, text } of plain.raw) {
      if (start.attributes.has("type")) continue;
      assert.doesNotMatch(text, /https?:|\bimport\b|\beval\b|\bfetch\(|innerHTML|XMLHttpRequest|url\(/, start.name);
      assert.ok(policy.includes(createHash("sha256").update(text).digest("base64")), `the policy names the ${start.name}`);
    }
  });

  test(`${kind}: readable by machines that read aloud`, () => {
    const { starts } = plain;
    assert.equal(starts.find(({ name }) => name === "html")?.attributes.get("lang"), "en");
    assert.equal(starts.filter(({ name }) => name === "h1").length, 1);
    for (const { name, attributes } of starts) {
      if (name === "th") assert.ok(attributes.has("scope"));
      if (name === "svg") assert.ok(attributes.has("aria-label") || attributes.get("aria-hidden") === "true");
      if (name === "canvas") assert.ok(attributes.has("aria-label") && attributes.has("tabindex"));
    }
    const ids = starts.flatMap(({ attributes }) => attributes.get("id") ?? []);
    assert.equal(new Set(ids).size, ids.length, "ids are unique");
    const links = starts.flatMap(({ attributes }) => attributes.get("href")?.slice(1) ?? []);
    for (const link of links) assert.ok(ids.includes(link), link);
    assert.equal(starts.filter(({ name }) => name === "table").length, starts.filter(({ name }) => name === "caption").length);
    assert.ok(ids.includes("method"), "it says how it was measured");
  });
}

test("every figure of the table stands with its spread", () => {
  const rows = [madeRow("serial", 1, [100, 110, 120]), madeRow("thread", 2, [52, 57, 62])];
  const report = madeReport(rows, {
    rounds: 3,
    spreads: rows.map(() => ({
      p50Ms: [1, 2],
      p99Ms: [3, 4.5],
      cpuMs: [100, 120],
      overheadUs: [3, 5],
      peakRssMB: [80, 90],
      loopStallMs: [1, 2.5],
    })),
  });
  const page = renderHTML(report);
  for (const range of ["100–120 ms", "833–1,000", "1.00–2.00 ms", "3.00–4.50 ms", "3.00–5.00 µs", "80–90 MB", "1.00–2.50 ms"]) {
    assert.ok(page.includes(`<span class="spread">${range}</span>`), range);
  }
});

test("the lanes' data says what the spans said", () => {
  const { raw } = scan(renderHTML(comparisonNamed("</script>")));
  const { lanes } = JSON.parse(raw.find(({ start }) => start.attributes.get("id") === "data")?.text ?? "") as { lanes: LaneData[] };
  assert.equal(lanes.length, 4);
  assert.deepEqual(lanes[0]?.workers, ["thread-1</script>", "thread-2</script>"]);
  assert.deepEqual(lanes[0]?.start.slice(0, 3), [0, 5000, 10_000]);
  assert.deepEqual(lanes[0]?.length.slice(0, 3), [5000, 5000, 5000]);
});

test("a report without detail, without a row that was measured, or of one round is drawn as far as it goes", () => {
  const { detail: _, ...bare } = madeReport([madeRow("serial", 1, [100])]);
  const markup = (report: Comparison) => renderHTML(report).replace(/<script>.*<\/script>/s, "");
  assert.match(markup(bare), /id="figures"/);
  assert.doesNotMatch(markup(bare), /id="lanes"|NaN|undefined|Infinity/);
  const none = madeReport([madeRow("serial", 1, [], { failure: "it died", equal: false })]);
  assert.match(renderHTML(none), /No verdict/);
  assert.match(renderHTML(none), /could not be measured: it died/);
  const zeros = madeReport([madeRow("serial", 1, [0, 0, 0]), madeRow("thread", 1, [0, 0, 0]), madeRow("thread", 2, [0, 0, 0])], {
    busyMs: [0, 0, 0],
    speedups: [[], [0, 0, 0], [0, 0, 0]],
  });
  assert.doesNotMatch(markup({ ...zeros, verdict: { ...zeros.verdict, reason: "" } }), /NaN|Infinity/);
});

test("what is no report is refused by name, and a page is not text", () => {
  assert.throws(() => renderHTML({ kind: "other" } as never), /kind "other" is not known/);
  assert.doesNotMatch(renderText(comparisonNamed("plain")), /<html/);
});
