// Markup that cannot be injected into: a template escapes whatever is put into it, unless that is markup itself, which only a template
// can make. Names of functions, workers and inputs are text wherever they end up.

const made = Symbol("markup");

/** A piece of HTML or SVG. */
export interface Markup {
  readonly [made]: string;
}

/** What may stand in a template. */
export type Content = string | number | Markup | undefined | readonly Content[];

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text for an element or a quoted attribute. Characters that would not be seen as what they are — controls, and marks that turn the direction
 *  of what follows — are replaced. */
export function escapeText(text: string): string {
  return text.replace(/(?![\t\n\r])[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd").replace(/[&<>"']/g, (mark) => entities[mark] ?? mark);
}

function written(content: Content): string {
  if (content === undefined) return "";
  if (typeof content === "string") return escapeText(content);
  if (typeof content === "number") return String(content);
  if (made in content) return content[made];
  return content.map(written).join("");
}

/** A template of markup: `html\`<td>${text}</td>\``. Serves SVG as well. Attributes must be quoted. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return { [made]: parts.reduce((text, part, i) => text + written(values[i - 1]) + part) };
}

/** The text of markup. */
export function textOf(markup: Markup): string {
  return markup[made];
}

/** A program or style sheet of ours, as the content of its element. Throws `RangeError` when it would end that element. */
export function verbatim(text: string): Markup {
  if (/<\/(?:script|style)|<!--/i.test(text)) throw new RangeError("A script or style sheet of the page ends its own element.");
  return { [made]: text };
}

/** Data for the page's program, as the content of a `script` element that is not run. */
export function island(value: unknown): Markup {
  const json = JSON.stringify(value) ?? "null";
  return { [made]: json.replace(/[<>&\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`) };
}
