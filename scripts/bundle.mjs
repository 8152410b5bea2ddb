// dist/: one ES module per door plus the worker boot file, sharing chunks, so that all doors of one program share one runtime.
// Why bundled: sixty chained module files take twice as long to import as one, and every worker pays that again.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import * as esbuild from "esbuild";
import { root } from "./files.mjs";

/** Output name → source: the doors, and the programs that brigade starts by a file beside the one that starts them. */
export const doors = {
  index: "src/runtime/index.ts",
  lab: "src/runtime/lab.ts",
  shared: "src/runtime/shared.ts",
  testing: "src/runtime/testing.ts",
  observe: "src/runtime/observe.ts",
  ipc: "src/runtime/ipc.ts",
  boot: "src/runtime/boot.ts",
  measure: "src/runtime/measure.ts",
  experiment: "src/runtime/experiment.ts",
  usage: "src/runtime/usage.ts",
  "matrix-program": "src/runtime/matrix-program.ts",
  "matrix-tasks": "src/runtime/matrix-tasks.ts",
  cli: "src/cli/main.ts",
  "tour-work": "src/cli/tour/work.ts",
};

/** What the everyday door imports only when it is needed: an entry of its own, too. */
const loadedOnDemand = ["src/runtime/watch-and-print.ts", "src/cli/tour/play.ts", "src/runtime/all-values.ts"];

/** Programs that brigade starts by a file beside, too, but that share no chunk with the doors: what little they have in common would
 *  be a file of its own, for every import of brigade to read. */
const loners = { watchdog: "src/observe/watchdog/watchdog.ts" };

/** Packages that may be bundled. commander is for the command line only, acorn for inline functions; everything else in src imports
 *  `node:` alone. */
const bundled = new Set(["acorn", "commander"]);

/** acorn, required by the first submission of an inline function: a file of its own that no door imports. */
const parser = { source: "src/wire/inline/parser.ts", required: 'require("acorn")', file: "acorn.cjs" };

/** commander is CommonJS, and an ES module has no `require` for the `node:` modules it asks for: hand them over as imports.
 *  The usual banner with `createRequire` would stand in every chunk, and every worker would pay for it. */
const builtinsForCommonJs = {
  name: "builtins-for-commonjs",
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/]commander[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/require\((['"])(node:[^'"]+)\1\)/g, "require($1$2$1).default"),
    }));
    build.onResolve({ filter: /^node:/ }, ({ kind, path }) => (kind === "require-call" ? { path, namespace: "builtin" } : undefined));
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({ contents: `export { default } from "${path}";` }));
  },
};

/** `import { a, type B, c as d } from "node:x"` → `const { a, c: d } = process.getBuiltinModule("node:x")`, on as many lines.
 *  The import of a builtin module makes its facade, which reads every export, and some of those are getters that load more:
 *  `node:fs` brings the streams. Asking for the module itself brings what is used. esbuild's own way to the same, a CommonJS
 *  module around it, copies every property for every file that imports it: 4 ms in all. */
function askForBuiltins(text, path) {
  const asked = text.replace(/^import \{([^}]*)\} from "(node:[^"]+)";/gm, (statement, list, name) => {
    const names = list.split(",").map((part) => part.trim());
    const values = names.filter((part) => part !== "" && !part.startsWith("type ")).map((part) => part.replace(/ as /, ": "));
    const lines = "\n".repeat(statement.split("\n").length - 1);
    return values.length === 0 ? lines : `const { ${values.join(", ")} } = process.getBuiltinModule("${name}");${lines}`;
  });
  const left = /^import (?!type\b).* from "node:.*$/m.exec(asked);
  if (left) throw new Error(`${path}: import builtin modules by names in braces, not as ${left[0]}`);
  return asked;
}

/** Entries that are to reach all that the everyday door reaches. esbuild makes a chunk for each set of entries that share a module:
 *  with this, what `brigade` imports is two chunks instead of five, and each file saved is half a millisecond. Two, because a worker
 *  starts without what only submits: `boot` reaches one of them, half as large. */
const reachingEverything = [
  ...["lab", "shared", "testing", "observe", "ipc", "measure", "experiment", "matrix-program", "cli"].map((name) => doors[name]),
  ...loadedOnDemand,
];

/** Our sources as they are bundled. */
const sources = {
  name: "sources",
  setup(build) {
    const reaching = new Set(reachingEverything.map((entry) => join(root, entry)));
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const name = relative(root, path).split(sep).join("/");
      let text = askForBuiltins(readFileSync(path, "utf8"), name);
      if (name === parser.source) {
        if (!text.includes(parser.required)) throw new Error(`${name}: ${parser.required} is not there, to be made ${parser.file}`);
        text = text.replace(parser.required, `require("./${parser.file}")`);
      }
      if (!reaching.has(path)) return { contents: text, loader: "ts" };
      const everyday = relative(dirname(path), join(root, doors.index)).split(sep).join("/");
      return { contents: `${text}\nimport "${everyday.startsWith(".") ? "" : "./"}${everyday}";\n`, loader: "ts" };
    });
  },
};

const options = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  sourcemap: true,
  sourcesContent: true,
  // Not minified: it would save 0.3 ms of import time, and take away the comments that keep webpack from rewriting our `import(url)`.
  legalComments: "none", // their licences stand in THIRD-PARTY.txt
  logLevel: "warning",
};

export async function bundle(outdir) {
  const { metafile } = await esbuild.build({
    ...options,
    entryPoints: doors,
    outdir,
    splitting: true,
    chunkNames: "chunk-[hash]", // beside the doors: `new URL("./boot.js", import.meta.url)` must hold in a chunk too
    metafile: true,
    plugins: [builtinsForCommonJs, sources],
  });
  dropImportsOfHelpers(metafile);
  await esbuild.build({ ...options, entryPoints: loners, outdir, plugins: [sources] });
  await bundlePage(outdir);
  const carried = await esbuild.build({
    ...options,
    stdin: { contents: 'module.exports = require("acorn");', resolveDir: root },
    outfile: join(outdir, parser.file),
    format: "cjs",
    sourcemap: false,
    minify: true,
    metafile: true,
  });
  writeNotices(outdir, metafile, carried.metafile);
}

/** The program and the style sheet that every HTML report carries, for a browser: `report-page.js` and `report-page.css`, beside the module
 *  that reads them (src/lab/html/assets.ts). */
export async function bundlePage(outdir) {
  const folder = "src/lab/html/browser";
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [
      { in: join(folder, "main.ts"), out: "report-page" },
      { in: join(folder, "page.css"), out: "report-page" },
    ],
    outdir,
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: ["chrome111", "firefox113", "safari16.4"],
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
  });
}

/** esbuild's helpers for CommonJS and `using` are a chunk of their own, and chunks that use none of them import it all the same, for
 *  what it might do. It does nothing: a file less to read. */
function dropImportsOfHelpers({ outputs }) {
  const helpers = Object.entries(outputs).filter(([path, { inputs }]) => path.endsWith(".js") && Object.keys(inputs).length === 0);
  for (const name of helpers.map(([path]) => path.split("/").at(-1))) {
    for (const path of Object.keys(outputs).filter((path) => path.endsWith(".js"))) {
      const file = join(root, path);
      const text = readFileSync(file, "utf8");
      // The line stays, for the source map.
      const kept = text.replace(`\nimport "./${name}";\n`, "\n\n");
      if (kept !== text) writeFileSync(file, kept);
    }
  }
}

function writeNotices(outdir, ...metafiles) {
  const names = new Set();
  for (const input of metafiles.flatMap(({ inputs }) => Object.keys(inputs))) {
    const at = input.lastIndexOf("node_modules/");
    if (at < 0) continue;
    const [first, second] = input.slice(at + "node_modules/".length).split("/");
    names.add(first.startsWith("@") ? `${first}/${second}` : first);
  }
  for (const name of names)
    if (!bundled.has(name)) throw new Error(`"${name}" would be bundled into dist/; only ${[...bundled].join(", ")} may be`);
  const notices = [...names].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
  });
  if (notices.length > 0)
    writeFileSync(
      join(outdir, "THIRD-PARTY.txt"),
      `Parts of these packages are bundled: commander into brigade's command line, acorn into the check of inline functions.\n\n${notices.join("\n")}`,
    );
}
