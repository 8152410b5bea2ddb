// Reads a TypeScript source just far enough to know what it imports and which names its code uses. A scanner and not a
// parser: it must read type-only imports, which no JavaScript parser sees, and TypeScript 7 has no parser to call.

/** One mention of another module. */
export interface Mention {
  readonly specifier: string;
  /** Erased by the compiler: `import type`, `export type … from`, `typeof import(…)`. */
  readonly typeOnly: boolean;
  readonly line: number;
}

type TokenKind = "name" | "string" | "template" | "punctuation" | "number" | "regex";

/** A piece of code; comments and spaces are none. */
export interface Token {
  readonly kind: TokenKind;
  /** The text; of a string its content. */
  readonly text: string;
  readonly line: number;
}

const space = /\s+/y;
const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const name = /[\p{ID_Start}$_#@][\p{ID_Continue}$]*/uy;
const number = /\d[\w.]*/y;
const quoted = /"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)'/y;
const regex = /\/(?![*/])(?:[^\\/[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;

/** Words after which a slash begins a regular expression and not a division. */
const beforeExpression = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "throw",
  "new",
  "await",
  "yield",
  "else",
  "do",
]);

/** Cuts a source into tokens; the code inside `${…}` of a template is cut as well, the text around it is not. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  // For each open template: how many braces are open inside its current `${`.
  const templates: number[] = [];
  let at = 0;
  let line = 1;

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const advance = (text: string): void => {
    at += text.length;
    for (const character of text) if (character === "\n") line++;
  };
  const push = (kind: TokenKind, text: string): void => {
    tokens.push({ kind, text, line });
  };
  /** Skips the text of a template from `at`, up to its end or to the next `${`. */
  const templateText = (): void => {
    const start = at;
    let end = at;
    while (end < source.length && source[end] !== "`" && !source.startsWith("${", end)) end += source[end] === "\\" ? 2 : 1;
    push("template", source.slice(start, end));
    advance(source.slice(start, end));
    if (source[at] === "`") advance("`");
    else {
      advance("${");
      templates.push(0);
    }
  };
  const slashIsDivision = (): boolean => {
    const last = tokens.at(-1);
    if (last === undefined) return false;
    if (last.kind === "punctuation") return last.text === ")" || last.text === "]" || last.text === "}";
    return !(last.kind === "name" && beforeExpression.has(last.text));
  };

  while (at < source.length) {
    const skipped = match(space) ?? match(comment);
    if (skipped) {
      advance(skipped[0]);
      continue;
    }
    const string = match(quoted);
    if (string) {
      push("string", string[1] ?? string[2] ?? "");
      advance(string[0]);
      continue;
    }
    const word = match(name);
    const digits = word ? null : match(number);
    const expression = word || digits || slashIsDivision() ? null : match(regex);
    const found = word ?? digits ?? expression;
    if (found) {
      push(word ? "name" : digits ? "number" : "regex", found[0]);
      advance(found[0]);
      continue;
    }
    const character = source[at] ?? "";
    const open = templates.length - 1;
    if (character === "`") {
      advance(character);
      templateText();
    } else if (character === "}" && templates[open] === 0) {
      templates.pop();
      advance(character);
      templateText();
    } else {
      if (open >= 0 && character === "{") templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && character === "}") templates[open] = (templates[open] ?? 0) - 1;
      push("punctuation", character);
      advance(character);
    }
  }
  return tokens;
}

/** Everything a source imports or re-exports, statically or with `import("…")`. */
export function mentions(tokens: readonly Token[]): Mention[] {
  const found: Mention[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token?.kind !== "name" || (token.text !== "import" && token.text !== "export")) continue;
    if (tokens[i - 1]?.text === ".") continue;
    const next = tokens[i + 1];
    if (token.text === "import" && next?.text === "(") {
      const argument = tokens[i + 2];
      const typeOnly = tokens[i - 1]?.text === "typeof";
      if (argument?.kind === "string" || argument?.kind === "template")
        found.push({ specifier: argument.text, typeOnly, line: token.line });
    } else if (token.text === "import" && next?.kind === "string") {
      found.push({ specifier: next.text, typeOnly: false, line: token.line });
    } else {
      const specifier = fromClause(tokens, i + 1);
      const typeOnly = next?.text === "type" && tokens[i + 2]?.text !== "from" && tokens[i + 2]?.text !== ",";
      if (specifier) found.push({ specifier, typeOnly: typeOnly || everyNameIsType(tokens, i + 1), line: token.line });
    }
  }
  return found;
}

/** The module after `from`, when the statement at `start` is `import … from "x"` or `export … from "x"`. */
function fromClause(tokens: readonly Token[], start: number): string | undefined {
  let braces = 0;
  for (let i = start; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token) return undefined;
    if (token.text === "from" && token.kind === "name" && braces === 0) {
      return tokens[i + 1]?.kind === "string" ? tokens[i + 1]?.text : undefined;
    }
    if (token.kind === "punctuation" && token.text === "{") braces++;
    else if (token.kind === "punctuation" && token.text === "}") braces--;
    // Names, commas, `*` and braces are all that may stand between; anything else is a declaration.
    else if (token.kind === "punctuation" && token.text !== "," && token.text !== "*") return undefined;
    else if (token.kind !== "name" && token.kind !== "punctuation" && token.kind !== "string") return undefined;
  }
  return undefined;
}

/** `import { type A, type B } from "x"`. */
function everyNameIsType(tokens: readonly Token[], start: number): boolean {
  if (tokens[start]?.text !== "{") return false;
  let i = start + 1;
  while (tokens[i] && tokens[i]?.text !== "}") {
    if (tokens[i]?.text !== "type") return false;
    while (tokens[i] && tokens[i]?.text !== "," && tokens[i]?.text !== "}") i++;
    if (tokens[i]?.text === ",") i++;
  }
  return i > start + 1;
}

/** Whether the code itself names `identifier`; comments, strings and property accesses through another object count not. */
export function namesIdentifier(tokens: readonly Token[], identifier: string): Token | undefined {
  return tokens.find((token, i) => {
    if (token.kind !== "name" || token.text !== identifier) return false;
    const before = tokens[i - 1]?.text;
    return before !== "." || tokens[i - 2]?.text === "globalThis";
  });
}
