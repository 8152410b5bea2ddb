// CPU-bound: parse one JavaScript source with acorn and count what is in it. Nothing waits here, so coroutines cannot help;
// threads and processes can, by as many cores as there are.
//   brigade compare examples/compare/parse-sources.ts#parseFile --inputs 'node_modules/**/*.js' --limit 400
import { readFileSync } from "node:fs";
import { type Node, parse } from "acorn";
import { portable } from "brigade";

/** What one source contains. */
export interface SourceSummary {
  readonly bytes: number;
  readonly module: boolean;
  readonly nodes: number;
  readonly depth: number;
  readonly functions: number;
  /** The five most frequent kinds of node. */
  readonly kinds: ReadonlyMap<string, number>;
}

/** Reads and parses a file, as a module or else as a script. Throws `SyntaxError` for what is neither. */
export const parseFile = portable("parseFile", (path: string): SourceSummary => {
  const source = readFileSync(path, "utf8");
  const { tree, module } = parseEither(source);
  const kinds = new Map<string, number>();
  const deepest = count(tree, 1, kinds);
  const nodes = [...kinds.values()].reduce((sum, times) => sum + times, 0);
  const functions = [...kinds].reduce((sum, [kind, count]) => (kind.includes("Function") ? sum + count : sum), 0);
  const frequent = [...kinds].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 5);
  return { bytes: Buffer.byteLength(source), module, nodes, depth: deepest, functions, kinds: new Map(frequent) };
});

function parseEither(source: string): { readonly tree: Node; readonly module: boolean } {
  const options = { ecmaVersion: "latest", allowHashBang: true, allowReturnOutsideFunction: true } as const;
  try {
    return { tree: parse(source, { ...options, sourceType: "module" }), module: true };
  } catch {
    // most of what npm installs is CommonJS, and some of that is not valid in strict mode
    return { tree: parse(source, { ...options, sourceType: "script" }), module: false };
  }
}

/** Counts the kinds of node at and below `node`, and returns the depth of the deepest. */
function count(node: Node, depth: number, kinds: Map<string, number>): number {
  kinds.set(node.type, (kinds.get(node.type) ?? 0) + 1);
  let deepest = depth;
  for (const key in node) {
    const part: unknown = node[key as keyof Node];
    if (Array.isArray(part)) {
      for (const child of part) if (isNode(child)) deepest = Math.max(deepest, count(child, depth + 1, kinds));
    } else if (isNode(part)) deepest = Math.max(deepest, count(part, depth + 1, kinds));
  }
  return deepest;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
