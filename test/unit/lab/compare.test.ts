import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { moduleFunctions } from "../../../src/runtime/index.ts";
import { compare, inheritedFlags, renderText } from "../../../src/runtime/lab.ts";

interface Work {
  size(input: ReadonlyMap<string, number>): number;
  endless(input: number): never;
}

const folder = mkdtempSync(join(tmpdir(), "brigade-compare-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "work.mjs"), "export const size = (map) => map.size;\nexport const endless = () => { for (;;); };\n");
const { size, endless } = moduleFunctions<Work>(join(folder, "work.mjs"));
const quick = { levels: ["serial", "thread"], sizes: [1], rounds: 1, warmup: 1 } as const;

test("inputs of any kind travel to the measuring programs; the report is plain data and can be shown", async () => {
  const report = await compare(size, [new Map([["a", 1]]), new Map()], quick);
  assert.deepEqual(
    report.levels.map(({ level, failed, equal }) => ({ level, failed, equal })),
    [
      { level: "serial", failed: 0, equal: true },
      { level: "thread", failed: 0, equal: true },
    ],
  );
  assert.deepEqual(structuredClone(report), report);
  assert.match(renderText(report), /work\.mjs#size · 2 inputs · 1 round/);
});

test("what makes no sense is refused before anything runs", async () => {
  await assert.rejects(compare(size, []), { name: "RangeError", message: /no input given/ });
  await assert.rejects(compare(size, [new Map()], { rounds: 0 }), {
    name: "RangeError",
    message: /rounds must be a positive integer, got 0/,
  });
  await assert.rejects(compare(size, [new Map()], { sizes: [0] }), { name: "RangeError", message: /sizes must be positive integers/ });
  await assert.rejects(compare(size, [new Map()], { levels: ["cluster"] }), RangeError);
  await assert.rejects(compare(size, [new Map([["a", (() => 1) as never]])]), { name: "NotSerializableError" });
  await assert.rejects(compare((() => 1) as never, [1]), { name: "NotPortableError" });
});

test("an aborted signal ends it with CancelledError, whatever the function does", async () => {
  await assert.rejects(compare(endless, [1], { ...quick, signal: AbortSignal.abort() }), { name: "AbortError" });
  const controller = new AbortController();
  const running = compare(endless, [1], { ...quick, signal: controller.signal });
  // whether it is still starting or already spinning when this comes must not matter
  setTimeout(() => controller.abort(), 300);
  await assert.rejects(running, { name: "AbortError" });
});

test("measuring programs inherit loaders and limits, not debuggers, scripts and modes", () => {
  const flags = [
    "--import",
    "tsx",
    "--inspect-brk=0",
    "-e",
    "code",
    "--max-old-space-size=100",
    "--test",
    "--watch",
    "--print",
    "x",
    "--input-type=module",
    "--enable-source-maps",
  ];
  assert.deepEqual(inheritedFlags(flags), ["--import", "tsx", "--max-old-space-size=100", "--enable-source-maps"]);
});
