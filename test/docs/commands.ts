// The command lines that the pages show, and how those of brigade are run. As a program it renews what README.md shows of them:
//   node build/test/docs/commands.js --write
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { blocksOfMarkdown } from "./blocks.ts";
import { root, runNode } from "./project.ts";

/** A command line and what a page shows of its output. */
export interface Shown {
  readonly command: string;
  readonly output: readonly string[];
}

/** `$ command   # remark`, and the lines below it. */
export function commandsOf(path: string): Shown[] {
  const blocks = blocksOfMarkdown(relative(root, path), readFileSync(path, "utf8")).filter(({ language }) => language === "console");
  const shown: { command: string; output: string[] }[] = [];
  for (const { code, line } of blocks) {
    const before = shown.length;
    for (const text of code.split("\n")) {
      const command = /^\$ (.*?)(?:\s+# .*)?$/.exec(text)?.[1];
      if (command !== undefined) shown.push({ command, output: [] });
      else if (shown.length === before) throw new SyntaxError(`${relative(root, path)}:${line} shows output before any command`);
      else shown.at(-1)?.output.push(text);
    }
  }
  return shown;
}

/** Runs `npx brigade …` as a page shows it, from the build, 80 columns wide, and returns what it prints. Throws when it fails. */
export async function brigade(command: string, ...more: string[]): Promise<string> {
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  // Set, it would be one more line of the doctor's on Node 20, and not on every machine.
  const env = { COLUMNS: "80", NODE_EXTRA_CA_CERTS: undefined };
  const { code, stdout, stderr } = await runNode([join("dist", "cli.js"), ...words.slice(2), ...more], root, env);
  if (code !== 0) throw new Error(`${command} ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}

async function renew(path: string): Promise<void> {
  for (const { command, output } of commandsOf(path)) {
    if (!command.startsWith("npx brigade ")) continue;
    const fresh = (await brigade(command)).replace(/^\n+|\n+$/g, "");
    // of a command that was shown alone, the end of the block follows at once
    const end = output.length === 0 ? "\n" : "";
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(`$ ${command}\n${output.join("\n")}`, () => `$ ${command}\n${fresh}${end}`),
    );
  }
}

const script = process.argv[1];
if (script !== undefined && existsSync(script) && realpathSync(script) === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "--write") await renew(join(root, "README.md"));
  // `node --test` on the folder runs every file in it.
  else if (process.env.NODE_TEST_CONTEXT === undefined) {
    process.stderr.write("usage: node build/test/docs/commands.js --write   (best on a machine with nothing else to do)\n");
    process.exitCode = 2;
  }
}
