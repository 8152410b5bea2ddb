// A finding as text for a terminal. Pure, because the watchdog's thread uses it too.
import type { Finding } from "./finding.ts";

/** Lines of at most `width` columns; those of a stack stay whole, so that editors find the file. */
export function renderFinding(finding: Finding, width = 80): string {
  const where = finding.task === undefined ? finding.worker : `${finding.worker}, task ${finding.task}`;
  const lines = [
    ...wrap(`brigade found: ${finding.code} (${where})`, width, ""),
    ...wrap(finding.message, width, "  "),
    ...finding.stack.split("\n").flatMap((line) => (line === "" ? [] : [`  ${line}`])),
    ...wrap(`Fix: ${finding.fix}`, width, "  "),
  ];
  return lines.join("\n");
}

function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(indent + line);
  return lines;
}
