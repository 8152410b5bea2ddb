// Pieces that several pages share.
import { words } from "../compare/plan.ts";
import { spread } from "../compare/statistics.ts";
import type { Comparison, ComparisonRow, Machine } from "../report.ts";
import type { Content, Markup } from "./markup.ts";
import { html } from "./markup.ts";

/** The machine in a line. */
export function machineFacts({ cpu, cores, memoryBytes, platform, runtime }: Machine): string[] {
  return [cpu, `${cores} ${cores === 1 ? "core" : "cores"}`, `${(memoryBytes / 2 ** 30).toFixed(1)} GB`, platform, runtime];
}

/** `min–max`, or nothing for fewer than two samples or when both read the same. */
export function rangeOf(samples: readonly number[] | undefined, text: (value: number) => string): string {
  if (samples === undefined || samples.length < 2) return "";
  const { min, max } = spread(samples);
  return between(text(min), text(max));
}

/** `low–high`, with a unit that both have said once; nothing when both read the same. */
export function between(low: string, high: string): string {
  if (low === high) return "";
  const unit = /( ?[^\d.,\s]+)$/.exec(high)?.[1];
  const short = unit !== undefined && low.endsWith(unit) && low !== unit ? low.slice(0, -unit.length) : low;
  return `${short}–${high}`;
}

/** A name with its level's colour beside it. */
export function levelName(row: Pick<ComparisonRow, "level" | "size">): Markup {
  return html`<span class="name"><span class="dot level-${row.level}" aria-hidden="true"></span>${words(row)}</span>`;
}

/** Whether the verdict is about this row. */
export function isChosen({ verdict }: Comparison, row: Pick<ComparisonRow, "level" | "size">): boolean {
  return verdict.level === row.level && verdict.size === row.size;
}

/** Figures in large type. */
export function headline(figures: readonly { readonly value: string; readonly what: string; readonly range?: string }[]): Markup {
  return html`<dl class="headline">${figures.map(
    ({ value, what, range }) =>
      html`<div><dt>${what}</dt><dd>${value}${range ? html`<span class="spread">${range}</span>` : ""}</dd></div>`,
  )}</dl>`;
}

/** Something that a reader must not overlook. */
export function warning(body: Content): Markup {
  return html`<div class="warning" role="note">${body}</div>`;
}

/** Explanations, term by term. */
export function terms(list: readonly (readonly [string, Content])[]): Markup {
  return html`<dl class="terms">${list.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>`;
}
