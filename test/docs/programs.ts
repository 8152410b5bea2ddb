// Makes a program of a block: imports what the page takes for granted, and checks what its comments promise.
import { transformSync } from "esbuild";
import type { Block } from "./blocks.ts";

/** Languages that run. */
export const runnable: ReadonlySet<string> = new Set(["ts", "js", "typescript", "javascript", "mts", "mjs", "tsx", "jsx"]);
/** Languages that are shown. A block of any other is a slip of the pen. */
export const shown: ReadonlySet<string> = new Set(["", "console", "text", "json", "python", "md", "diff", "toml", "yaml"]);

/** A block as TypeScript that stands alone. A page's first block imports what it uses; later ones, and examples in doc comments,
 *  go on with `names`, the exports of each door. */
export function wholeProgram({ before, code }: Block, names: Readonly<Record<string, readonly string[]>>): string {
  const written = `${before}\n${code}`;
  const lines: string[] = [];
  if (!/^import\b[^;]*\bfrom "brigade(?:\/[\w/]+)?"/m.test(code)) {
    for (const [door, exported] of Object.entries(names)) {
      const used = exported.filter(
        (name) => new RegExp(`(?<![.\\w"'#])${name}(?![\\w"':])`).test(withoutComments(written)) && !declares(written, name),
      );
      if (used.length > 0) lines.push(`import { ${used.join(", ")} } from "${door}";`);
    }
  }
  lines.push(before, code);
  const checks = promisedValues(code).map(({ name, value }) => `assertSnippet.deepEqual(${name} as unknown, ${value});`);
  if (checks.length > 0) lines.unshift('import assertSnippet from "node:assert/strict";');
  return `${[...lines, ...checks].filter((line) => line !== "").join("\n")}\nexport {};\n`;
}

/** The same as JavaScript for this Node; imports of the page's other files find what they have become. */
export function asJavaScript(program: string): string {
  const { code } = transformSync(program, {
    loader: "ts",
    format: "esm",
    target: "node20.19",
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return code.replace(/((?:from|import)\s*\(?\s*")(\.{1,2}\/[^"]+)\.ts"/g, '$1$2.js"');
}

/** The lines that `console.log(…); // 42` says will be printed. */
export function promisedLines(code: string): string[] {
  return [...code.matchAll(/\bconsole\.log\(.*\);?[ \t]*\/\/ (.+)$/gm)].map(([, text = ""]) => text.trim());
}

/** `const x = …; // [1, 2]`, also where the statement spans lines: the value is checked when the comment is a literal. */
function promisedValues(code: string): { readonly name: string; readonly value: string }[] {
  const values: { name: string; value: string }[] = [];
  let name: string | undefined;
  for (const line of code.split("\n")) {
    if (/^\S/.test(line) && !/^[}\])]/.test(line)) name = /^const (\w+)(?:: [^=]+)? = /.exec(line)?.[1];
    const value = /^\S.*; \/\/ (.+)$/.exec(line)?.[1];
    if (name !== undefined && value !== undefined && isLiteral(value)) values.push({ name, value });
  }
  return values;
}

function isLiteral(text: string): boolean {
  if (!/^(?:[[{"'`\d-]|(?:true|false|null|undefined)$)/.test(text)) return false;
  try {
    transformSync(`(${text})`, { loader: "ts", logLevel: "silent" });
    return true;
  } catch {
    return false;
  }
}

function withoutComments(code: string): string {
  return code.replace(/\/\/.*$/gm, "");
}

function declares(code: string, name: string): boolean {
  return new RegExp(`\\b(?:const|let|function|class|import)\\s+(?:\\{[^}]*)?\\b${name}\\b`).test(code);
}
