// Use: a plug-in that is not trusted runs in a process that may read its own file and nothing else, with so much memory and so much time.
//
//   node --import tsx examples/uses/untrusted-plugin.ts
//
// Five plug-ins: one that behaves, and four that do not. Each gets a process of its own; none takes anything else with it. What this contains and
// what it does not (it is no wall against hostile code): docs/guide/limits-and-permissions.md.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isMainLevel, openProcesses, portable } from "brigade";

/** Loads a plug-in, an ES module with `run(text)`, and calls it. */
export const runPlugin = portable("runPlugin", async (url: string, text: string): Promise<string> => {
  const { run } = (await import(url)) as { run(text: string): unknown };
  return String(await run(text));
});

const plugins = {
  shouts: "export const run = (text) => text.toUpperCase() + '!';",
  spies:
    "import { readFileSync } from 'node:fs'; export const run = () => readFileSync(process.platform === 'win32' ? 'C:\\\\Windows\\\\win.ini' : '/etc/passwd', 'utf8');",
  starts: "import { execSync } from 'node:child_process'; export const run = () => execSync('node --version').toString();",
  loops: "export const run = () => { for (let n = 0; ; n++) if (n < 0) return n; };",
  grows: "export const run = () => { const all = []; for (;;) all.push({ n: all.length, more: [1, 2, 3] }); };",
};

if (isMainLevel()) {
  const folder = await mkdtemp(join(tmpdir(), "plugins-"));
  try {
    for (const [name, source] of Object.entries(plugins)) {
      const path = join(folder, `${name}.mjs`);
      await writeFile(path, source);
      const sandbox = openProcesses({
        size: 1,
        name,
        memoryLimit: 64,
        // Its own file, and the modules of this program, without which its tasks could not be found.
        permissions: { read: [path, fileURLToPath(new URL("../../", import.meta.url))] },
        stdio: "ignore",
      });
      const started = performance.now();
      const answer = await sandbox
        .with({ timeout: 3_000, grace: 100 })
        .run(runPlugin, pathToFileURL(path).href, "order up")
        .catch((error: unknown) => error as Error);
      const ms = Math.round(performance.now() - started);
      const verdict = typeof answer === "string" ? `answered ${answer}` : `was stopped: ${reason(answer)}`;
      console.log(`${name.padEnd(8)}${verdict}${process.stdout.isTTY ? ` (${ms} ms)` : ""}`);
      await sandbox.close();
    }
    console.log("and this program goes on");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function reason(error: Error & { readonly code?: string }): string {
  return `${error.name}${error.code === undefined ? "" : ` ${error.code}`}`;
}
