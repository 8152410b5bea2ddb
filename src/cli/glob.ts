// Glob patterns over the file system: `*`, `?`, `[a-z]`, `{a,b}` and `**`, as shells and bundlers read them. Node's own
// `fs.glob` begins with version 22. Names that begin with a dot match only where the pattern says the dot; `**` does not
// follow links to directories, so it ends. Results are absolute and sorted: the same tree gives the same list everywhere.
import { type Dirent, readdirSync, statSync } from "node:fs";
import { join, parse, resolve, sep } from "node:path";

/** What a pattern found. */
export interface GlobResult {
  readonly files: readonly string[];
  /** Directories that could not be read. */
  readonly unreadable: readonly string[];
}

const magic = /[*?[\]{}]/;

/** Files that match `pattern`, seen from the directory `cwd`. A pattern that names an existing file is that file, whatever
 *  characters its name has. Never throws for what is on disk; directories it may not read are listed. */
export function glob(pattern: string, cwd: string): GlobResult {
  const files = new Set<string>();
  const unreadable = new Set<string>();
  const whole = resolve(cwd, pattern);
  if (isFile(whole)) return { files: [whole], unreadable: [] };
  for (const expanded of expandBraces(pattern)) {
    const { base, segments } = split(expanded, cwd);
    search(base, segments, files, unreadable);
  }
  return { files: [...files].sort(), unreadable: [...unreadable].sort() };
}

/** `a{b,c}d` → `abd`, `acd`; nested groups too. A brace without partner stands for itself. */
export function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf("{");
  if (open < 0) return [pattern];
  let depth = 0;
  const cuts = [open];
  for (let i = open; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === "{") depth++;
    else if (character === "," && depth === 1) cuts.push(i);
    else if (character === "}" && --depth === 0) {
      if (cuts.length === 1) break;
      cuts.push(i);
      const head = pattern.slice(0, open);
      const tail = pattern.slice(i + 1);
      return cuts.slice(0, -1).flatMap((cut, n) => expandBraces(head + pattern.slice(cut + 1, cuts[n + 1]) + tail));
    }
  }
  return expandBraces(pattern.slice(open + 1)).map((rest) => pattern.slice(0, open + 1) + rest);
}

/** The directory before the first segment with magic, and the segments from there. */
function split(pattern: string, cwd: string): { readonly base: string; readonly segments: readonly string[] } {
  const { root } = parse(pattern);
  const segments = pattern
    .slice(root.length)
    .split(sep === "\\" ? /[\\/]+/ : /\/+/)
    .filter((segment) => segment !== "" && segment !== ".");
  const first = segments.findIndex((segment) => magic.test(segment));
  const fixed = first < 0 ? segments.slice(0, -1) : segments.slice(0, first);
  return { base: resolve(cwd, root, ...fixed), segments: first < 0 ? segments.slice(-1) : segments.slice(first) };
}

function search(directory: string, segments: readonly string[], files: Set<string>, unreadable: Set<string>): void {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === "..") {
    search(join(directory, ".."), rest, files, unreadable);
    return;
  }
  const entries = list(directory, unreadable);
  if (segment === "**") {
    // no directory at all, and then each one below
    search(directory, rest.length === 0 ? ["*"] : rest, files, unreadable);
    for (const entry of entries) {
      if (entry.isDirectory() && !entry.name.startsWith(".")) search(join(directory, entry.name), segments, files, unreadable);
    }
    return;
  }
  const matches = segmentPattern(segment);
  for (const entry of entries) {
    if (!matches(entry.name)) continue;
    const path = join(directory, entry.name);
    if (rest.length === 0) {
      if (entry.isFile() || (entry.isSymbolicLink() && isFile(path))) files.add(path);
    } else if (entry.isDirectory() || (entry.isSymbolicLink() && isDirectory(path))) search(path, rest, files, unreadable);
  }
}

/** A test for one name. An unclosed `[` stands for itself. */
export function segmentPattern(segment: string): (name: string) => boolean {
  let source = "";
  for (let i = 0; i < segment.length; i++) {
    const character = segment[i] ?? "";
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[" && segment.indexOf("]", i + 2) > 0) {
      const end = segment.indexOf("]", i + 2);
      const body = segment
        .slice(i + 1, end)
        .replace(/^!/, "^")
        .replace(/[\\[\]]/g, "\\$&");
      source += `[${body}]`;
      i = end;
    } else source += character.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  }
  const pattern = compile(source);
  const dotted = segment.startsWith(".");
  return (name) => (dotted || !name.startsWith(".")) && (pattern === undefined ? name === segment : pattern.test(name));
}

/** A range such as `[z-a]` is no expression: the segment then stands for itself. */
function compile(source: string): RegExp | undefined {
  try {
    return new RegExp(`^${source}$`, "su");
  } catch {
    return undefined;
  }
}

function list(directory: string, unreadable: Set<string>): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // a directory that is not there matches nothing; one that is there and closed is worth a word
    if (code !== "ENOENT" && code !== "ENOTDIR") unreadable.add(directory);
    return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
