// The package itself: what is in it, whether its doors open for every consumer, and what it costs to import.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { emptyConsumer, node, packedPackage, root, tsc } from "./packed.ts";

interface Door {
  readonly types: string;
  readonly default: string;
}
interface Manifest {
  readonly exports: Readonly<Record<string, Door | string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies?: object;
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const doors = Object.entries(manifest.exports).filter((entry): entry is [string, Door] => typeof entry[1] === "object");
const specifierOf = (door: string): string => `brigade${door.slice(1)}`;

test("the package holds what ships and nothing else", () => {
  const { packed } = packedPackage();
  const expected =
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/(THIRD-PARTY\.txt|acorn\.cjs|report-page\.css|[\w-]+\.js(\.map)?|types\/[\w/-]+\.d\.ts))$/;
  const paths = packed.files.map((file) => file.path);
  assert.deepEqual(
    paths.filter((path) => !expected.test(path)),
    [],
  );
  const promised = [...doors.flatMap(([, door]) => [door.types, door.default]), ...Object.values(manifest.bin)].map((path) =>
    path.slice(2),
  );
  for (const path of [...promised, "LICENSE", "README.md", "dist/THIRD-PARTY.txt"])
    assert.ok(paths.includes(path), `${path} is in the package`);
});

test("nothing runs when brigade is installed, and nothing else is installed with it", () => {
  for (const script of ["prepare", "preinstall", "install", "postinstall"]) assert.equal(manifest.scripts[script], undefined);
  assert.equal(manifest.dependencies, undefined);
});

test("the lock files name no registry", () => {
  for (const file of ["package-lock.json", "test/fixtures/consumers/package-lock.json"]) {
    assert.doesNotMatch(readFileSync(join(root, file), "utf8"), /"resolved"/, file);
  }
});

test("publint finds nothing", async () => {
  const { messages, pkg } = await publint({ pkgDir: packedPackage().folder, strict: true, pack: false });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg, { color: false })),
    [],
  );
});

test("knip finds nothing unused", () => {
  node([join(root, "node_modules", "knip", "bin", "knip.js"), "--no-progress"], root);
});

test("each door opens, together with all others", () => {
  const folder = emptyConsumer();
  const everyday = doors.filter(([door]) => door !== "./worker"); // the boot file is for workers: it looks for its parent
  const lines = everyday.map(
    ([door], i) =>
      `import * as d${i} from "${specifierOf(door)}"; if (Object.keys(d${i}).length === 0) throw new Error("${door} is empty");`,
  );
  writeFileSync(join(folder, "doors.mjs"), `${lines.join("\n")}\nconsole.log("open");\n`);
  assert.equal(node(["doors.mjs"], folder), "open\n");
});

test("the command line answers", () => {
  const folder = emptyConsumer();
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  assert.equal(node([join("node_modules", "brigade", "dist", "cli.js"), "--version"], folder).trim(), version);
  assert.match(readFileSync(join(folder, "node_modules", "brigade", "dist", "cli.js"), "utf8"), /^#!\/usr\/bin\/env node\n/);
});

test("types resolve for a NodeNext and for a bundler consumer, library checks on", () => {
  const folder = emptyConsumer(["@types/node", "undici-types"]);
  const lines = doors.map(([door], i) => `import * as d${i} from "${specifierOf(door)}";\nexport type D${i} = typeof d${i};`);
  writeFileSync(
    join(folder, "index.mts"),
    `${lines.join("\n")}\nimport { threads } from "brigade";\nexport const size: number = threads.size;\n`,
  );
  for (const [module, resolution] of [
    ["NodeNext", "NodeNext"],
    ["ESNext", "Bundler"],
  ] as const) {
    node([tsc, "--noEmit", "--strict", "--target", "ES2022", "--module", module, "--moduleResolution", resolution, "index.mts"], folder);
  }
});

test("the import of brigade loads no part of Node that a program may never use", () => {
  const folder = emptyConsumer();
  writeFileSync(
    join(folder, "loaded.mjs"),
    'await import("./empty.mjs"); const before = new Set(process.moduleLoadList); await import("brigade");' +
      "console.log(process.moduleLoadList.filter((name) => !before.has(name)).join());",
  );
  writeFileSync(join(folder, "empty.mjs"), "import.meta.url;\n");
  const loaded = node(["loaded.mjs"], folder).trim();
  // What Node loads for itself differs from line to line; each of these costs a millisecond or more.
  for (const name of ["worker_threads", "child_process", "stream", "net", "inspector", "os", "module", "fs/promises"]) {
    assert.ok(!loaded.split(",").includes(`NativeModule ${name}`), `${name}, among ${loaded}`);
  }
});

test("the parser is read when an inline function is first submitted, and a program without a file may use one", () => {
  const folder = emptyConsumer();
  const program =
    'import { inline, portable, threads, processes } from "brigade"; const { createRequire } = process.getBuiltinModule("node:module");' +
    'const read = () => Object.keys(createRequire(process.execPath).cache).filter((name) => name.endsWith("acorn.cjs")).length;' +
    "const half = inline((n) => n / 2); console.log(half(2), read()); console.log(await threads.run(half, 6), await processes.run(half, 8), read());" +
    "const factor = 2; await threads.run(inline((n) => n * factor), 1).catch((error) => console.log(error.freeVariables.join()));";
  assert.equal(node(["--input-type=module", "-e", program], folder), "1 0\n3 4 1\nfactor\n");
});

test("a worker starts without executors, channels and pipes, and loads them when it is given one", () => {
  const folder = emptyConsumer();
  const dist = join(folder, "node_modules", "brigade", "dist");
  const reached = new Set<string>();
  const reach = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const [, next] of readFileSync(join(dist, name), "utf8").matchAll(/^(?:import|\} from) "\.\/([^"]+)";$/gm)) reach(next as string);
  };
  reach("boot.js");
  const text = [...reached].map((name) => readFileSync(join(dist, name), "utf8")).join("");
  const declares = (name: string): boolean => new RegExp(`^(?:var ${name} = class|class ${name})\\b`, "m").test(text);
  assert.deepEqual(["Host", "SharedMutex", "PoolCore", "ExecutorFace", "Channel", "RemoteChannel", "Inlet", "Mutex"].filter(declares), [
    "Host",
    "SharedMutex",
  ]);

  writeFileSync(
    join(folder, "plain.mjs"),
    "export const through = (executor, fn, value) => executor.run(fn, value);\n" +
      "export const pass = async (channel, end) => { await end.send(2 * (await channel.receive())); end.close(); };\n" +
      "export const hear = async (news, { ready }) => { await ready.send(true); return (await news.receive()) * 2; };\n" +
      "export const write = async (end) => { await end.send(42); end.close(); };\n",
  );
  writeFileSync(join(folder, "tasks.mjs"), 'import { portable } from "brigade"; export const double = portable("double", (n) => n * 2);\n');
  writeFileSync(
    join(folder, "main.mjs"),
    'import { coroutines, moduleFunctions, processes, threads } from "brigade"; import { double } from "./tasks.mjs";' +
      'const plain = moduleFunctions(new URL("./plain.mjs", import.meta.url));' +
      "for (const outer of [threads, processes]) for (const inner of [coroutines, threads, processes])" +
      "  console.log(await outer.run(plain.through, inner, double, 21));",
  );
  assert.equal(node(["main.mjs"], folder), "42\n".repeat(6));

  // Each in a worker of its own, so that none finds loaded what another has needed.
  writeFileSync(
    join(folder, "values.mjs"),
    'import { Broadcast, Channel, moduleFunctions, openProcesses, openThreads } from "brigade"; import { openPipe } from "brigade/unstable/ipc";' +
      'const plain = moduleFunctions(new URL("./plain.mjs", import.meta.url));' +
      "for (const open of [openThreads, openProcesses]) {" +
      "  const fresh = async (use) => { const pool = open({ size: 1 });" +
      "    try { console.log(await use(pool)); } finally { await pool[Symbol.asyncDispose](); } };" +
      "  await fresh(async function channels(pool) { const [there, back] = [new Channel(1), new Channel(1)]; await there.send(21);" +
      "    const passing = pool.run(plain.pass, there, back.sender()); const value = await back.receive(); await passing; return value; });" +
      "  await fresh(async function broadcasts(pool) { const [news, ready] = [new Broadcast(1), new Channel(1)];" +
      "    const hearing = pool.run(plain.hear, news.receiver(), { ready: ready.sender() }); await ready.receive(); await news.send(21); return hearing; });" +
      '  if (process.platform === "linux") await fresh(async function pipes(pool) { const { sender, receiver } = await openPipe(); const writing = pool.run(plain.write, sender);' +
      "    const value = await receiver.receive(); await writing; return value; });" +
      "}",
  );
  assert.equal(node(["values.mjs"], folder), "42\n".repeat(process.platform === "linux" ? 6 : 4));
});

test("import time of brigade beside an empty module", (t) => {
  const folder = emptyConsumer();
  writeFileSync(join(folder, "empty.mjs"), "export {};\n");
  const measure = (specifier: string): number => {
    const program = `const at = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - at);`;
    return Number(node(["--input-type=module", "-e", program], folder));
  };
  const rounds = Array.from({ length: 5 }, () => ({
    empty: measure(pathToFileURL(join(folder, "empty.mjs")).href),
    brigade: measure("brigade"),
  }));
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  const [empty, brigade] = [median(rounds.map((round) => round.empty)), median(rounds.map((round) => round.brigade))];
  t.diagnostic(`import of an empty module ${empty.toFixed(1)} ms, of brigade ${brigade.toFixed(1)} ms (median of 5)`);
  // The goal is 15 ms over an empty module; the bound here is a margin for busy machines and catches a forgotten heavy import only.
  assert.ok(brigade - empty < 300, `${brigade.toFixed(1)} ms`);
});
