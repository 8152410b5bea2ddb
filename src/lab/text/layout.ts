// Lines and columns of plain text. Widths are of what is seen: colour codes count nothing.
import { stripVTControlCharacters } from "node:util";

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Columns of text seen. Every character of the reports is one column wide. */
export function seenWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Pads text to a width on the side that `align` leaves open. */
export function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - seenWidth(text)));
  return align === "left" ? text + space : space + text;
}

/** Rows under their titles, columns as wide as they need, `gap` spaces apart; the first line holds the titles. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], gap: number): string[] {
  const widths = columns.map(({ title }, i) => Math.max(seenWidth(title), ...rows.map((cells) => seenWidth(cells[i] ?? ""))));
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) => pad(cells[i] ?? "", widths[i] ?? 0, align))
      .join(" ".repeat(gap))
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

/** Breaks text at spaces, but not between a figure and its unit nor in `threads × 2`; a word longer than a line stands on a line
 *  of its own, cut where it must be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of glued(text)
    .split(/[ \n]+/)
    .filter((part) => part !== "")) {
    if (line !== "" && seenWidth(line) + 1 + seenWidth(word) > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    for (; seenWidth(line) > width; line = [...line].slice(width).join("")) lines.push([...line].slice(0, width).join(""));
  }
  return (line === "" ? lines : [...lines, line]).map((whole) => whole.replaceAll(glue, " "));
}

const glue = "\u00a0";

function glued(text: string): string {
  return text.replace(/(\d) (?=(?:µs|ms|s|min|MB|GB)\b)/g, `$1${glue}`).replace(/(?<=threads|processes) × (?=\d)/g, `${glue}×${glue}`);
}

/** Keeps the end of a long text, where a path says most. */
export function keepEnd(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `…${characters.slice(characters.length - width + 1).join("")}`;
}

/** Keeps the beginning of a long text. */
export function keepStart(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}
