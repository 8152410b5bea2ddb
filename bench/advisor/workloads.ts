// The workloads. There are as many inputs as take a few tenths of a second one after the other.
import type { Material, Workload } from "./workload.ts";

function numbers(count: number, number: (i: number) => number): readonly number[] {
  return Array.from({ length: count }, (_, i) => number(i));
}

function words(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `word ${(i * 7919) % 100_003}`);
}

const scripts = (material: Material, count: number) => material.files(".js", 8_000, 60_000, count);

const parsers: readonly Workload[] = [
  { family: "parsers", name: "acornSummary", inputs: (material) => scripts(material, 60) },
  { family: "parsers", name: "acornTree", inputs: (material) => scripts(material, 20) },
  { family: "parsers", name: "typescriptFile", inputs: (material) => material.files(".d.ts", 10_000, 60_000, 30) },
];

const compression: readonly Workload[] = [
  { family: "compression", name: "zlibGzip", inputs: (material) => material.files(".js", 100_000, 600_000, 24) },
  { family: "compression", name: "zlibBrotli", inputs: (material) => material.files(".js", 60_000, 300_000, 16) },
  { family: "compression", name: "pakoDeflate", inputs: (material) => material.files(".js", 60_000, 300_000, 16) },
];

const passwords: readonly Workload[] = [
  { family: "passwords", name: "nodeScrypt", inputs: () => words(24) },
  { family: "passwords", name: "nodePbkdf2", inputs: () => words(40) },
  { family: "passwords", name: "bcryptHash", inputs: () => words(24) },
  { family: "passwords", name: "wasmArgon2", inputs: () => words(40) },
];

const digests: readonly Workload[] = [
  { family: "digests", name: "sha256Sync", inputs: (material) => material.files(".js", 50_000, 9_000_000, 120) },
  { family: "digests", name: "sha256Stream", inputs: (material) => material.files(".js", 50_000, 9_000_000, 120) },
  { family: "digests", name: "webcryptoSha512", inputs: (material) => material.files(".js", 50_000, 9_000_000, 120) },
];

const picture = (i: number) => ({ width: 300 + i, height: 240, data: pixels(300 + i, 240) });

function pixels(width: number, height: number): Buffer {
  const data = Buffer.alloc(width * height * 4, 255);
  for (let at = 0; at < data.length; at++) if (at % 4 !== 3) data[at] = (at * at) >> 9;
  return data;
}

const jpegs = (material: Material, count: number) =>
  numbers(count, (i) => i).map((i) => material.made(`picture-${i}.jpg`, () => material.encoders.jpeg(picture(i))));
const pngs = (material: Material, count: number) =>
  numbers(count, (i) => i).map((i) => material.made(`picture-${i}.png`, () => material.encoders.png(picture(i))));

const images: readonly Workload[] = [
  { family: "images", name: "pngThumbnail", inputs: (material) => pngs(material, 24) },
  { family: "images", name: "jpegThumbnail", inputs: (material) => jpegs(material, 24) },
  { family: "images", name: "jpegPixels", inputs: (material) => jpegs(material, 24) },
];

function records(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, id) => ({ id, name: `name ${id}`, tags: ["a", "b"], at: id * 1.5 })));
}

const json: readonly Workload[] = [
  {
    family: "json",
    name: "parseFile",
    inputs: (material) => numbers(12, (i) => i).map((i) => material.made(`records-${i}.json`, () => records(20_000 + i * 100))),
  },
  { family: "json", name: "parseText", inputs: () => numbers(4000, (i) => i).map((i) => records(15 + (i % 3))) },
  {
    family: "json",
    name: "normaliseFile",
    inputs: (material) => numbers(12, (i) => i).map((i) => material.made(`records-${i}.json`, () => records(20_000 + i * 100))),
  },
];

const markup: readonly Workload[] = [
  { family: "markup", name: "markedFile", inputs: (material) => material.files(".md", 4_000, 80_000, 40) },
  { family: "markup", name: "markdownItFile", inputs: (material) => material.files(".md", 4_000, 80_000, 40) },
];

const text: readonly Workload[] = [
  { family: "text", name: "diffFile", inputs: (material) => scripts(material, 80) },
  { family: "text", name: "levenshtein", inputs: () => words(4000).map((word, i, all) => [word, all[all.length - 1 - i]]) },
];

const shuffled = (count: number) => numbers(count, (i) => (i * 48_271) % 2_147_483_647);

const sorting: readonly Workload[] = [
  { family: "sorting", name: "timsort", inputs: () => numbers(30, (i) => i + 1) },
  { family: "sorting", name: "sortList", inputs: () => numbers(100, (i) => i).map((i) => shuffled(20_000 + i)) },
  { family: "sorting", name: "lodashSortBy", inputs: () => numbers(40, (i) => i + 1) },
];

const numeric: readonly Workload[] = [
  { family: "numeric", name: "nbody", inputs: () => numbers(30, (i) => 20_000 + i * 1000) },
  { family: "numeric", name: "fannkuch", inputs: () => numbers(40, (i) => 8 + (i % 2)) },
  { family: "numeric", name: "spectralNorm", inputs: () => numbers(60, (i) => 80 + i) },
  { family: "numeric", name: "mandelbrotLine", inputs: () => numbers(1600, (i) => i / 4) },
  { family: "numeric", name: "matrixMultiply", inputs: () => numbers(20, (i) => 120 + i) },
];

const csv = (rows: number) =>
  `id,name,value\n${numbers(rows, (i) => i)
    .map((i) => `${i},"name, of ${i}",${i * 1.5}`)
    .join("\n")}\n`;

const tables: readonly Workload[] = [
  {
    family: "tables",
    name: "csvFile",
    inputs: (material) => numbers(24, (i) => i).map((i) => material.made(`table-${i}.csv`, () => csv(2000 + i * 20))),
  },
  { family: "tables", name: "ajvRecord", inputs: () => numbers(4000, (i) => i).map((id) => ({ id, name: `n${id}`, tags: ["x", "y"] })) },
];

const tools: readonly Workload[] = [
  { family: "tools", name: "terserFile", inputs: (material) => material.files(".js", 4_000, 10_000, 10) },
  { family: "tools", name: "prettierFile", inputs: (material) => material.files(".js", 4_000, 10_000, 10) },
];

const database: readonly Workload[] = [{ family: "database", name: "sumByShop", inputs: () => numbers(60, (i) => i * 10) }];

const network: readonly Workload[] = [
  { family: "network", name: "fetchText", inputs: ({ server }) => numbers(40, (i) => i).map((i) => `${server}/5/${100 + i}`) },
  { family: "network", name: "fetchJson", inputs: ({ server }) => numbers(60, (i) => i).map((i) => `${server}/0/${40_000 + i * 32}`) },
];

const files: readonly Workload[] = [
  { family: "files", name: "walk", inputs: (material) => material.folders(30) },
  { family: "files", name: "countLines", inputs: (material) => material.files(".js", 10_000, 100_000, 150) },
];

const tiny: readonly Workload[] = [
  { family: "tiny", name: "increment", inputs: () => numbers(2000, (i) => i) },
  { family: "tiny", name: "joinPath", inputs: () => words(2000) },
  { family: "tiny", name: "uuidOfName", inputs: () => words(1000) },
];

const stateful: readonly Workload[] = [
  { family: "stateful", name: "uniqueId", inputs: () => words(200) },
  { family: "stateful", name: "inFolder", inputs: (material) => material.folders(60) },
];

/** All of them, family by family. */
export const workloads: readonly Workload[] = [
  ...parsers,
  ...compression,
  ...passwords,
  ...digests,
  ...images,
  ...json,
  ...markup,
  ...text,
  ...sorting,
  ...numeric,
  ...tables,
  ...tools,
  ...database,
  ...network,
  ...files,
  ...tiny,
  ...stateful,
];
