// Where a value sits inside a message, written as the JavaScript that would reach it: `arguments[0].user["first name"]`,
// `result.map.get("k")`. Built only when something is refused.

/** One step from a container to a member of it. */
export type Segment =
  | { readonly kind: "property"; readonly key: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "map-key"; readonly index: number }
  | { readonly kind: "map-value"; readonly index: number; readonly key: unknown };

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
/** Longer keys are cut: a path is for reading. */
const KEY_LENGTH = 60;
/** Segments kept at each end of a long path. */
const KEPT_SEGMENTS = 12;

/** The path as text; a long one is shortened in the middle. */
export function formatPath(root: string, segments: readonly Segment[]): string {
  const hidden = segments.length - 2 * KEPT_SEGMENTS;
  if (hidden <= 1) return root + segments.map(formatSegment).join("");
  const head = segments.slice(0, KEPT_SEGMENTS).map(formatSegment).join("");
  const tail = segments.slice(-KEPT_SEGMENTS).map(formatSegment).join("");
  return `${root}${head}…(${hidden} more)…${tail}`;
}

function formatSegment(segment: Segment): string {
  switch (segment.kind) {
    case "property":
      return IDENTIFIER.test(segment.key) && segment.key.length <= KEY_LENGTH ? `.${segment.key}` : `[${quote(segment.key)}]`;
    case "index":
      return `[${segment.index}]`;
    case "map-key":
      return `.keys()[${segment.index}]`;
    case "map-value": {
      const { key } = segment;
      if (typeof key === "string") return `.get(${quote(key)})`;
      if (typeof key === "bigint") return `.get(${cut(`${key}`)}n)`;
      const literal = key === null || key === undefined || typeof key === "number" || typeof key === "boolean";
      return literal ? `.get(${key})` : `.values()[${segment.index}]`;
    }
  }
}

function quote(key: string): string {
  return JSON.stringify(cut(key));
}

function cut(text: string): string {
  return text.length > KEY_LENGTH ? `${text.slice(0, KEY_LENGTH)}…` : text;
}
