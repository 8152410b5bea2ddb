// An input as a report names it.

const longest = 200;

/** Strings as they are, anything else as JSON where it can be; shortened. Never throws. */
export function inputLabel(input: unknown): string {
  const text = typeof input === "string" ? input : json(input);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function json(input: unknown): string {
  try {
    return JSON.stringify(input) ?? String(input);
  } catch {
    // a cycle, a bigint
    return Object.prototype.toString.call(input);
  }
}
