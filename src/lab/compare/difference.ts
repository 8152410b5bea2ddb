// Where two results part: the first canonical line in which they differ, cut so that the differing part stays in sight.

/** The first place where two values differ. */
export interface FirstDifference {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** Compares canonical lines (`path = leaf`); `undefined` when they are equal. */
export function firstDifference(expected: readonly string[], actual: readonly string[]): FirstDifference | undefined {
  const lines = Math.max(expected.length, actual.length);
  for (let i = 0; i < lines; i++) {
    if (expected[i] === actual[i]) continue;
    const [left, right] = [part(expected[i]), part(actual[i])];
    if (left.path === right.path) return { path: left.path, ...focus(left.leaf, right.leaf) };
    // one side has a line that the other lacks: the side whose path the other never mentions is the one to name
    const missingRight = left.path !== "" && !actual.some((line) => part(line).path === left.path);
    return missingRight
      ? { path: left.path, expected: cut(left.leaf, 0), actual: "(absent)" }
      : { path: right.path === "" ? left.path : right.path, expected: "(absent)", actual: cut(right.leaf, 0) };
  }
  return undefined;
}

function part(line: string | undefined): { readonly path: string; readonly leaf: string } {
  const at = line?.indexOf(" = ") ?? -1;
  return line === undefined || at < 0 ? { path: "", leaf: "" } : { path: line.slice(0, at), leaf: line.slice(at + 3) };
}

const shown = 60;

function focus(left: string, right: string): { readonly expected: string; readonly actual: string } {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  const from = Math.max(left.length, right.length) <= shown ? 0 : Math.max(0, at - 20);
  return { expected: cut(left, from), actual: cut(right, from) };
}

function cut(text: string, from: number): string {
  const head = from > 0 ? "…" : "";
  const body = text.slice(from, from + shown);
  return `${head}${body}${text.length > from + shown ? "…" : ""}`;
}
