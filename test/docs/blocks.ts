// The code blocks of the documentation: fenced ones in Markdown, `@example` ones in doc comments. What a block needs beyond
// what a reader sees stands in HTML comments before it:
//   <!-- no-run: why -->          it is shown and not run
//   <!-- file: tasks.ts -->       it is written under this name, and other blocks of the page import it
//   <!-- with: code -->           code put before it (may span lines)
//   <!-- fails: text -->          it ends with an error whose message contains this
//   <!-- env: NAME=value -->      set while it runs

/** One block of code. */
export interface Block {
  /** The file it stands in, as shown in test names. */
  readonly source: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
  readonly kind: "page" | "example";
  readonly noRun: string | undefined;
  readonly file: string | undefined;
  readonly before: string;
  readonly fails: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

const directive = /<!--\s*(no-run|file|with|fails|env):([\s\S]*?)-->/g;

/** Every fenced block of a Markdown text. Throws `SyntaxError` for a fence that never ends. */
export function blocksOfMarkdown(source: string, text: string, firstLine = 1, kind: Block["kind"] = "page"): Block[] {
  const blocks: Block[] = [];
  const lines = text.split(/\r?\n/);
  /** Where the text begins that may hold directives for the next block. */
  let since = 0;
  for (let at = 0; at < lines.length; at++) {
    const opening = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)/.exec(lines[at] ?? "");
    if (opening === null) continue;
    const [, indent = "", fence = "", language = ""] = opening;
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (end < 0) throw new SyntaxError(`${source}:${firstLine + at} opens a code block that never ends`);
    const body = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ source, line: firstLine + at, language, code: body.join("\n"), kind, ...directives(lines.slice(since, at).join("\n")) });
    at = end;
    since = end + 1;
  }
  return blocks;
}

/** The `@example`s of a TypeScript source, fenced or bare. */
export function blocksOfSource(source: string, text: string): Block[] {
  const blocks: Block[] = [];
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const inside = comment[0].replace(/\s*\*\/$/, "").replace(/^[ \t]*\/?\*+ ? ?/gm, "");
    for (const example of inside.matchAll(/@example\b([\s\S]*?)(?=^@\w|$(?![\s\S]))/gm)) {
      const line = text.slice(0, comment.index).split("\n").length + inside.slice(0, example.index).split("\n").length - 1;
      const body = example[1] ?? "";
      const fenced = body.includes("```") ? body : `\n\`\`\`ts\n${body.trim()}\n\`\`\``;
      blocks.push(...blocksOfMarkdown(source, fenced, line, "example"));
    }
  }
  return blocks;
}

/** The directives that stand between the last text of the page and the block. */
function directives(text: string): Pick<Block, "noRun" | "file" | "before" | "fails" | "env"> {
  const tail = /(?:<!--(?:(?!-->)[\s\S])*-->\s*)+$/.exec(text)?.[0] ?? "";
  const found = new Map([...tail.matchAll(directive)].map(([, name, value = ""]) => [name, value.trim()]));
  const env =
    found
      .get("env")
      ?.split(/\s+/)
      .map((pair) => pair.split("=") as [string, string]) ?? [];
  return {
    noRun: found.get("no-run"),
    file: found.get("file"),
    before: found.get("with") ?? "",
    fails: found.get("fails"),
    env: Object.fromEntries(env),
  };
}
