// The check of an inline function at submission: its text is parsed, and what ties it to the place where it was written is named.
import type { AnyNode, Function as FunctionNode, Parser } from "acorn";
import { NotPortableError } from "../../contract/errors.ts";
import type { Level, PortableReference } from "../../contract/portable.ts";
import { definitionOf } from "../definition.ts";
import { type FreeVariable, tiesOf } from "./free-variables.ts";
import { isForeignGlobal, isGlobal } from "./globals.ts";
import { parser } from "./parser.ts";
import { Recent } from "./recent.ts";
import { type InlineSource, readInlineUrl } from "./source-url.ts";

/** Longest source, in characters: a link may have to send it with each task. */
const longestSource = 65_536;

/** Why a function is refused. */
interface Refusal {
  /** Continues "it is sent as source, ". */
  readonly why: string;
  readonly fix: string;
  readonly freeVariables?: readonly string[];
}

const sound = Symbol("sound");
const checked = new Recent<Refusal | typeof sound>(256);

/** Throws `NotPortableError` when an inline function cannot run on `level` (`undefined`: travels inside a value): names its free variables, or
 *  says what else is wrong, and how to write it instead. Each source is parsed once. */
export function requireSelfContained({ url, name }: PortableReference, level: Level | undefined): void {
  if (level === "cluster") {
    const { text } = readInlineUrl(url);
    throw new NotPortableError(
      `${JSON.stringify(name)} cannot run on level "cluster": other machines take functions by module and name, never as source. Define it at the top level of its module as\n  ${definitionOf(identifier(name), text)}`,
    );
  }
  let found = checked.get(url);
  if (found === undefined) {
    found = refusalOf(readInlineUrl(url)) ?? sound;
    checked.set(url, found);
  }
  if (found === sound) return;
  const { why, fix, freeVariables } = found as Refusal;
  const where = level === undefined ? "cannot travel" : `cannot run on level "${level}"`;
  throw new NotPortableError(`${JSON.stringify(name)} ${where}: an inline function is sent as source, ${why}. ${fix}`, { freeVariables });
}

function refusalOf(source: InlineSource): Refusal | undefined {
  const { text, name } = source;
  const portable = `define it at the top level of its module as\n  ${definitionOf(identifier(name), text)}`;
  const instead = `${portable.charAt(0).toUpperCase()}${portable.slice(1)}`;
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
    const what = /^bound /.test(name) ? "which a bound function does not have" : "which a native or bound function does not have";
    return { why: what, fix: `Wrap the call: inline((...args) => …) with what it needs as arguments, or ${portable}` };
  }
  if (text.length > longestSource) {
    return { why: `and this one has ${text.length} characters, more than ${longestSource}`, fix: instead };
  }
  const parsed = parse(source);
  if ("problem" in parsed) return { why: parsed.problem, fix: instead };
  const { free, outer } = tiesOf(parsed.fn, source.sloppy);
  const [tie] = outer;
  if (tie) {
    const fix = tie.what === "import.meta" ? `Pass what it needs, such as import.meta.url, as an argument, or ${portable}` : instead;
    return { why: `and uses ${tie.what} of what is around it (line ${tie.line} of it)`, fix };
  }
  const probed = (each: FreeVariable) => each.probed && isForeignGlobal(each.name);
  const missing = free.filter((each) => !isGlobal(each.name) && !probed(each) && each.name !== "__name");
  if (missing.length === 0) return undefined;
  const names = missing.map((each) => each.name);
  const listed = missing.slice(0, 12).map((each) => `${each.name} (line ${each.line})`);
  if (missing.length > listed.length) listed.push(`and ${missing.length - listed.length} more`);
  return {
    why: `and what it uses from around it does not travel: ${listed.join(", ")}`,
    fix: fixFor(names, portable),
    freeVariables: names,
  };
}

const commonJs = new Set(["require", "module", "exports", "__dirname", "__filename"]);

function fixFor(names: readonly string[], portable: string): string {
  if (names.includes("require")) return `Inside it, write await import("…") instead of require("…"), or ${portable}`;
  if (names.some((name) => commonJs.has(name))) return `Pass what it needs as an argument, or ${portable}`;
  const [first, ...rest] = names;
  const added = first !== undefined && first in globalThis ? ` A worker does not have what the program has added to globalThis.` : "";
  const what = rest.length === 0 ? `${first} as an argument` : "them as arguments";
  return `Pass ${what}, import inside it (await import("…")), or ${portable}${added}`;
}

function identifier(name: string): string {
  return name !== "inline" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : "work";
}

function parse(source: InlineSource): { readonly fn: FunctionNode } | { readonly problem: string } {
  const whole = tryParse(source, "(", "\n)");
  if ("error" in whole) {
    const member = tryParse(source, "({", "\n})");
    if (!("error" in member) && member.node.type === "ObjectExpression") {
      const [property] = member.node.properties;
      if (property?.type === "Property" && property.kind !== "init") return { problem: "which a getter or setter cannot be" };
      if (property?.type === "Property" && property.method)
        return { problem: "which a method cannot be: it belongs to its object or class" };
    }
    return { problem: `and this source cannot be read: ${whole.error}` };
  }
  const { node } = whole;
  if (node.type === "ClassExpression") return { problem: "which a class cannot be" };
  if (node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression") return { fn: node };
  return { problem: "and this source is no function" };
}

function tryParse({ text, sloppy }: InlineSource, open: string, close: string): { readonly node: AnyNode } | { readonly error: string } {
  const before = sloppy ? "" : '"use strict";';
  try {
    const program = parser().parse(before + open + text + close, {
      ecmaVersion: "latest",
      sourceType: "script",
      locations: true,
      // What belongs to the surroundings is to be named, not to be a syntax error.
      allowSuperOutsideMethod: true,
      allowImportExportEverywhere: true,
      checkPrivateFields: false,
    } satisfies Parameters<typeof Parser.parse>[1]);
    const statement = program.body.at(-1);
    return statement?.type === "ExpressionStatement" ? { node: statement.expression } : { error: "it is not an expression" };
  } catch (error) {
    // Too deep a nesting, or syntax that this parser does not know.
    if (error instanceof SyntaxError || error instanceof RangeError) return { error: error.message.replace(/\s*\(\d+:\d+\)$/, "") };
    throw error;
  }
}
