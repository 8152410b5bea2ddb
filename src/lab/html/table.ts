// Tables that the page's program lets readers sort. A cell says what it sorts by; the order given is the order without a program.
import { type Content, html, type Markup } from "./markup.ts";

/** A column. */
export interface Column {
  readonly title: string;
  /** What the title means; shown when it is pointed at. */
  readonly hint?: string | undefined;
  readonly align?: "right" | undefined;
}

/** A cell. */
export interface Cell {
  readonly content: Content;
  /** What the column is sorted by; default the place in the table. */
  readonly sort?: number | string | undefined;
}

/** Rows under titles. The first cell of a row is its heading. `highlighted` rows stand out; `even` columns are the same in every table; of
 *  `numbered` rows the heading is a number. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly { readonly cells: readonly Cell[]; readonly highlighted?: boolean }[],
  look: "fitted" | "even" | "numbered" = "fitted",
): Markup {
  const heads = columns.map(
    ({ title, hint, align }) =>
      html`<th scope="col" aria-sort="none"${attribute("class", align === "right" ? "right" : undefined)}${attribute("title", hint)}>${title}</th>`,
  );
  const lines = rows.map(({ cells, highlighted }, place) => {
    const drawn = cells.map(({ content, sort }, i) => {
      const sorted = attribute("data-sort", String(sort ?? place));
      const side = attribute("class", columns[i]?.align === "right" ? "right" : undefined);
      return i === 0 ? html`<th scope="row"${sorted}>${content}</th>` : html`<td${sorted}${side}>${content}</td>`;
    });
    return html`<tr${attribute("class", highlighted ? "chosen" : undefined)}>${drawn}</tr>
`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="sortable ${look}">
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${lines}</tbody>
</table></div>`;
}

/** ` name="value"`, or nothing. */
export function attribute(name: "class" | "title" | "data-sort" | "href", value: string | undefined): Markup | undefined {
  if (value === undefined) return undefined;
  switch (name) {
    case "class":
      return html` class="${value}"`;
    case "title":
      return html` title="${value}"`;
    case "href":
      return html` href="${value}"`;
    default:
      return html` data-sort="${value}"`;
  }
}

/** A figure with its spread under it. */
export function figure(text: string, range?: string): Markup {
  return range === undefined || range === ""
    ? html`<span class="figure">${text}</span>`
    : html`<span class="figure">${text}</span><span class="spread">${range}</span>`;
}
