// Tried statements for a terminal: by chapter, a mark and a number, the statement, and below it what was seen.
import type { Claim, ClaimsReport } from "../report.ts";
import { pad, wrap } from "./layout.ts";
import type { Style } from "./style.ts";

type Verdict = Claim["verdict"];

/** Where the chapters begin, by number. */
const chapters = [
  { title: "Coroutines", from: 1 },
  { title: "Threads", from: 11 },
  { title: "Processes", from: 21 },
  { title: "Modes", from: 28 },
] as const;

const marks: Readonly<Record<Verdict, string>> = { holds: "✓", "holds-with-a-limit": "≈", "does-not-hold-here": "✗", undecided: "?" };
const words: Readonly<Record<Verdict, string>> = {
  holds: "holds",
  "holds-with-a-limit": "holds with a limit",
  "does-not-hold-here": "does not hold here",
  undecided: "undecided",
};
const verdicts = Object.keys(marks) as Verdict[];

/** Wider lines are hard to read. */
const widest = 100;

/** The blocks of the report, without margin. */
export function claimsBlocks(report: ClaimsReport, columns: number, look: Style): string[][] {
  const width = Math.min(columns, widest);
  const blocks = chapters.map(({ title, from }, index) => {
    const until = chapters[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    const claims = report.claims.filter(({ id }) => id >= from && id < until);
    return claims.length === 0 ? [] : [look.bold(title), ...claims.flatMap((claim) => ["", ...tried(claim, width, look)])];
  });
  return [...blocks, summary(report.claims, look), legend(width, look)];
}

function tried({ id, statement, verdict, because }: Claim, width: number, look: Style): string[] {
  const margin = " ".repeat(6);
  const room = width - margin.length;
  const paint = painter(verdict, look);
  const [first = "", ...rest] = wrap(statement, room);
  // the verdict in words, too: a mark alone says nothing to those who do not know it
  const [seen = "", ...more] = wrap(`${words[verdict]} · ${because}`, room);
  const verdictEnd = words[verdict].length;
  return [
    `${paint(marks[verdict])} ${pad(String(id), 2, "right")}  ${first}`,
    ...rest.map((line) => margin + line),
    margin + paint(seen.slice(0, verdictEnd)) + look.dim(seen.slice(verdictEnd)),
    ...more.map((line) => margin + look.dim(line)),
  ];
}

function painter(verdict: Verdict, look: Style): (text: string) => string {
  if (verdict === "holds") return look.good;
  return verdict === "undecided" ? look.dim : look.warn;
}

function summary(claims: readonly Claim[], look: Style): string[] {
  const counts = verdicts
    .map((verdict) => ({ verdict, count: claims.filter((claim) => claim.verdict === verdict).length }))
    .filter(({ count }) => count > 0);
  return counts.length === 0
    ? []
    : [
        look.bold(`${claims.length} tried`),
        ...counts.map(
          ({ verdict, count }) => `${painter(verdict, look)(marks[verdict])} ${pad(String(count), 2, "right")}  ${words[verdict]}`,
        ),
      ];
}

function legend(width: number, look: Style): string[] {
  const text =
    "Each statement was tried in a fresh program on this machine, one after the other, and judged by its figures alone (--json shows them). Undecided: the figures of the repeats lie on both sides of the line.";
  return wrap(text, width).map(look.dim);
}
