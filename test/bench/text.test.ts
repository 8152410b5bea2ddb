// The report for people.
import assert from "node:assert/strict";
import { test } from "node:test";
import { replaceBlock } from "../../bench/report/readme.ts";
import { type Series, standingsOf } from "../../bench/report/rows.ts";
import { renderCase, renderHead } from "../../bench/report/text.ts";
import { aheadOf, named, timesLimit } from "../../bench/suites/goals.ts";
import { sampleCase, subject } from "./samples.ts";

const own = subject("brigade", "brigade");
const limit = subject("limit: physics", "limit");
const rival = subject("rival", "rival");
const machine = { cpu: "A processor with quite a long name", cores: 2, memoryBytes: 1, platform: "linux x64" };

test("a case shows its rows, the notes, and each goal beside its figure", () => {
  const bench = sampleCase({
    subjects: [own, limit, rival],
    goals: [timesLimit(2, "physics"), timesLimit(1, "physics"), aheadOf("the rival", named("rival"))],
  });
  const series: Series[] = [
    { subject: own, size: 10, label: "brigade", samples: [1_900, 2_000, 2_100] },
    { subject: limit, size: 10, label: "limit: physics", samples: [1_250, 1_250, 1_250] },
    { subject: rival, size: 10, label: "rival@1.0.0", samples: [], note: "is not on PATH" },
  ];
  assert.equal(
    renderCase({ bench, ...standingsOf(bench, series) }),
    [
      "case: something",
      "                    median  spread  ratio",
      "  brigade         2,000 ns    ±5 %   1.00",
      "  limit: physics  1,250 ns    ±0 %   0.63",
      "  rival@1.0.0            –              –",
      "  rival@1.0.0: is not on PATH",
      "  goal                   figure  met",
      "  ≤ 2× physics           1.60×   yes",
      "  ≤ 1× physics           1.60×   no",
      "  better than the rival  –       –",
      "",
    ].join("\n"),
  );
});

test("no line is wider than 80 columns", () => {
  const long = subject("limit: something with a name that goes on and on and on, further than any line", "limit");
  const bench = sampleCase({ what: "words ".repeat(30).trim(), subjects: [own, long], sizes: [1_000, 1_000_000] });
  const series: Series[] = [own, long].flatMap((of) =>
    bench.sizes.map((size) => ({ subject: of, size, label: of.name, samples: [123_456_789, 1], note: "words ".repeat(30) })),
  );
  const head = { suite: "a suite", machine, node: "20.20.2", commit: "0123456-dirty", date: "2026-01-02T03:04:05.678Z" };
  for (const line of (renderHead(head, 5) + renderCase({ bench, ...standingsOf(bench, series) })).split("\n")) {
    assert.ok([...line].length <= 80, line);
  }
});

test("a table takes the place of the last one of its suite, and leaves the others alone", () => {
  const page = "# Page\n\n### a on Node 20\n\n```text\nold\n```\n\n### b on Node 20\n\n```text\nother\n```\n";
  const renewed = replaceBlock(page, "a on Node 20", "new\n");
  assert.equal(renewed, page.replace("old", "new"));
  assert.equal(replaceBlock(renewed, "a on Node 20", "old\n"), page);
  assert.equal(replaceBlock("# Page\n", "a on Node 26", "first\n"), "# Page\n\n### a on Node 26\n\n```text\nfirst\n```\n");
});
