// The reference of an inline function: a URL that holds its source. So it travels wherever a module URL does — frames, handles,
// set-up of workers — and links that number the URLs they have sent send each source once.

const scheme = "brigade-inline:";

/** What the URL of an inline function says. */
export interface InlineSource {
  /** URL of the module that called `inline`: names its stack frames, and is what its `import()` is relative to. */
  readonly definedIn: string | undefined;
  readonly name: string;
  /** What `toString` gave. */
  readonly text: string;
  /** It was written in sloppy mode, where a few things mean something else. */
  readonly sloppy: boolean;
}

/** True for the URL of an inline function. */
export function isInlineUrl(url: string): boolean {
  return url.startsWith(scheme);
}

/** The URL; the same for the same source. ASCII, and unchanged by `new URL(…).href`. */
export function inlineUrl({ definedIn, name, text, sloppy }: InlineSource): string {
  // JSON has no raw line feeds, which a URL parser drops, and escapes lone surrogates, which an encoder could not write.
  const json = JSON.stringify([definedIn ?? "", name, text, sloppy]);
  return scheme + json.replace(/[%?#\u007f-\uffff]/g, (unit) => (unit < "\u007f" ? encodeURIComponent(unit) : unicodeEscape(unit)));
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** What `url` says. Throws `TypeError` when it is not the URL of an inline function. */
export function readInlineUrl(url: string): InlineSource {
  let parts: unknown;
  try {
    parts = isInlineUrl(url) ? JSON.parse(decodeURIComponent(url.slice(scheme.length))) : undefined;
  } catch (error) {
    throw new TypeError("This is no inline function: its source is damaged.", { cause: error });
  }
  const [definedIn, name, text, sloppy] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  if (typeof definedIn !== "string" || typeof name !== "string" || typeof text !== "string" || typeof sloppy !== "boolean") {
    throw new TypeError("This is no inline function: its source is damaged.");
  }
  return { definedIn: definedIn === "" ? undefined : definedIn, name, text, sloppy };
}
