// A finding on stderr.
import { writeSync } from "node:fs";
import type { Finding } from "../observe/finding.ts";
import { renderFinding } from "../observe/render-finding.ts";

/** Prints at once: at the end of a program nothing that is only queued would be seen. */
export function printFinding(finding: Finding): void {
  const text = `${renderFinding(finding)}\n`;
  try {
    writeSync(2, text);
  } catch {
    // A pipe that is full for the moment.
    process.stderr.write(text);
  }
}
