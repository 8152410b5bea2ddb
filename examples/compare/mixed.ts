// Mixed: fetch a source over HTTP, then parse it. Coroutines overlap the waiting, threads the parsing as well — which wins
// depends on how much of each there is, and that is what a comparison is for.
//   npm start -- --mixed
import { parse } from "acorn";
import { portable } from "brigade";

/** The names that a source declares at its top level. */
export interface Outline {
  readonly bytes: number;
  readonly declarations: readonly string[];
}

/** Fetches and parses the source at `url`. */
export const outline = portable("outline", async (url: string): Promise<Outline> => {
  const response = await fetch(url);
  const source = await response.text();
  if (!response.ok) throw new RangeError(`${new URL(url).pathname} answered ${response.status}`);
  const options = { ecmaVersion: "latest", allowHashBang: true, allowReturnOutsideFunction: true } as const;
  let tree: ReturnType<typeof parse>;
  try {
    tree = parse(source, { ...options, sourceType: "module" });
  } catch {
    tree = parse(source, { ...options, sourceType: "script" });
  }
  const declarations = tree.body.flatMap((statement) => {
    if (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") return [statement.id.name];
    if (statement.type !== "VariableDeclaration") return [];
    return statement.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  });
  return { bytes: Buffer.byteLength(source), declarations };
});
