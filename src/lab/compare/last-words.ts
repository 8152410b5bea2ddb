// What a program that died has said on stderr, for one line of a report. An exception says it last; a runtime that gives up (no memory,
// a failed check) says it first and goes on with addresses and tables of the heap, which tell nobody anything.

const gaveUp = /^(?:FATAL ERROR|# Fatal (?:error|process)|# Check failed|Fatal process)|: Assertion .* failed/;
const empty =
  /^\s+at |^Node\.js v|^\s*\d+: 0x[0-9a-f]|^-+ (?:Native|JavaScript) stack trace -+$|^<--- .* --->$|^#[\s\d]*$|^\[\d+:0x[0-9a-f]+\]/;
const shown = 3;

/** The reason, with a colon before it; empty when nothing was said. */
export function lastWords(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !empty.test(line));
  const reason = lines.findIndex((line) => gaveUp.test(line));
  const words = reason === -1 ? lines.slice(-shown) : lines.slice(reason, reason + shown);
  return words.length === 0 ? "" : `: ${words.join(" · ").trim()}`;
}

/** Whether a check of the JavaScript engine on itself ended the program. */
export function runtimeBroke(stderr: string): boolean {
  return /^# Fatal error in /m.test(stderr);
}
