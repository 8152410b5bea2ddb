// Generates docs/values.md from the table that the tests run: `node build/test/survival-page.js --write`, or `--check`.
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sections } from "./unit/wire/survival-cases.ts";

const head = `# What survives

Generated from the test that checks it (\`test/unit/wire/survival-cases.ts\`) by \`node build/test/survival-page.js --write\`. Do not edit.

Arguments, results, progress and errors cross every level the same way: threads, processes, and executors that \`BRIGADE_LEVEL\` puts in
their place. (\`serial\` and \`coroutines\` themselves pass references.) What cannot travel rejects with \`NotSerializableError\`, whose
\`path\` says where it sits: \`arguments[0].user.socket\`, \`result.map.get("k")\`.
`;

/** The page as it should be. */
export function renderPage(): string {
  const parts = sections.map(({ title, cases }) => {
    const refused = cases.every((row) => row.refusedAt !== undefined);
    const rows = cases.map((row) => `| ${row.value} | ${row.refusedAt === undefined ? row.arrives : `at \`${row.refusedAt}\``} |`);
    const columns = refused ? "| value | refused, in the test |" : "| value | what comes back |";
    return [`## ${title}`, "", columns, "|---|---|", ...rows, ""].join("\n");
  });
  return [head, ...parts].join("\n");
}

/** Where the page lies. */
export function pagePath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as { name?: unknown }).name === "brigade") break;
    const parent = dirname(folder);
    if (parent === folder) throw new RangeError(`survival-page: no package.json of brigade above ${import.meta.url}`);
    folder = parent;
  }
  return join(folder, "docs", "values.md");
}

function main(flag: string | undefined): number {
  const path = pagePath();
  if (flag === "--write") {
    writeFileSync(path, renderPage());
    return 0;
  }
  if (flag === "--check") {
    const fresh = existsSync(path) && readFileSync(path, "utf8").replaceAll("\r\n", "\n") === renderPage();
    if (!fresh) process.stderr.write(`${path} is stale; renew it with --write.\n`);
    return fresh ? 0 : 1;
  }
  process.stderr.write("usage: survival-page --write | --check\n");
  return 2;
}

const script = process.argv[1];
// Without its extension: node accepts a script without one.
const bare = (path: string): string => path.replace(/\.[cm]?[jt]s$/, "");
if (script !== undefined && existsSync(script) && bare(realpathSync(script)) === bare(fileURLToPath(import.meta.url))) {
  process.exitCode = main(process.argv[2]);
}
