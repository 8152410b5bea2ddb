// Colour as a seam: the same words with and without it. Only the sixteen colours that every terminal theme defines.

/** What each kind of text looks like. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  /** A colour of its own for item `index`, the same wherever the item appears. */
  item(text: string, index: number): string;
}

const itemColours = [36, 33, 35, 32, 34, 31] as const;

/** Text with ANSI colours, or plain. */
export function style(color: boolean): Style {
  const sgr = (open: number, close: number) => (text: string) => (color && text !== "" ? `\u001b[${open}m${text}\u001b[${close}m` : text);
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    good: sgr(32, 39),
    warn: sgr(33, 39),
    item: (text, index) => sgr(itemColours[index % itemColours.length] ?? 36, 39)(text),
  };
}
