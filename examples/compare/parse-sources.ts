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
  let nodes = 0;
  let depth = 0;
  const stack: [node: Node, level: number][] = [[tree, 1]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, level] = next;
    nodes++;
    depth = Math.max(depth, level);
    kinds.set(node.type, (kinds.get(node.type) ?? 0) + 1);
    for (const child of Object.values(node).flat()) if (isNode(child)) stack.push([child, level + 1]);
  }
  const functions = [...kinds].reduce((sum, [kind, count]) => (kind.includes("Function") ? sum + count : sum), 0);
  const frequent = [...kinds].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 5);
  return { bytes: Buffer.byteLength(source), module, nodes, depth, functions, kinds: new Map(frequent) };
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

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
