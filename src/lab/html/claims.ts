// The page of the claims: how many stand, then each with its verdict, what was seen and every raw figure.

import type { Claim, ClaimsReport } from "../report.ts";
import { duration } from "../text/units.ts";
import { html, type Markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { headline, machineFacts, terms, warning } from "./parts.ts";
import { table } from "./table.ts";

const verdicts = {
  holds: { text: "holds", sign: "✓" },
  "holds-with-a-limit": { text: "holds with a limit", sign: "≈" },
  "does-not-hold-here": { text: "does not hold here", sign: "✗" },
  undecided: { text: "undecided", sign: "?" },
} as const satisfies Record<Claim["verdict"], { text: string; sign: string }>;

const order = Object.keys(verdicts) as Claim["verdict"][];

/** The page of the claims. */
export function claimsPage(report: ClaimsReport): Page {
  const count = (verdict: Claim["verdict"]) => report.claims.filter((claim) => claim.verdict === verdict).length;
  const total = report.claims.length;
  return {
    command: "claims",
    title: `${total} ${total === 1 ? "statement" : "statements"}, tried on this machine`,
    facts: machineFacts(report.machine),
    sections: [
      {
        id: "verdicts",
        title: "Verdicts",
        lead: "Each is computed from the measurement; none is written in.",
        body: html`${report.interrupted ? warning("Interrupted: only the statements that were tried are shown.") : ""}
${headline(order.filter((verdict) => count(verdict) > 0).map((verdict) => ({ value: String(count(verdict)), what: verdicts[verdict].text })))}
${table(
  "Statements and verdicts",
  [{ title: "number" }, { title: "statement" }, { title: "verdict" }],
  report.claims.map(({ id, statement, verdict }) => ({
    cells: [
      { content: String(id), sort: id },
      { content: html`<a href="#claim-${id}">${statement}</a>`, sort: statement },
      { content: badge(verdict), sort: order.indexOf(verdict) },
    ],
  })),
  "numbered",
)}`,
      },
      { id: "statements", title: "What was seen", body: report.claims.map(card) },
      {
        id: "method",
        title: "How this was measured",
        short: "Method",
        body: html`<p>Each statement is an experiment of its own that ran on this machine. Its verdict follows from what was measured; one that is too noisy says so and stays undecided. The raw figures stand under each.</p>
${terms([["machine", machineFacts(report.machine).join(" · ")], ...(report.tookMs === undefined ? [] : [["took", duration(report.tookMs)] as const])])}`,
      },
    ],
  };
}

function badge(verdict: Claim["verdict"]): Markup {
  const { text, sign } = verdicts[verdict];
  return html`<span class="badge ${verdict}"><span aria-hidden="true">${sign}</span> ${text}</span>`;
}

function card({ id, statement, verdict, because, measured, tried, failure }: Claim): Markup {
  const figures = Object.entries(measured);
  return html`<article class="claim" id="claim-${id}">
<h3><span class="number">${id}</span> ${statement}</h3>
<p>${badge(verdict)} ${because}</p>
${failure === undefined ? "" : warning(failure)}${tried === undefined ? "" : html`<p class="lead">${tried}</p>`}
${
  figures.length === 0
    ? ""
    : html`<details><summary>${figures.length} raw ${figures.length === 1 ? "figure" : "figures"}</summary><table class="raw"><caption>Raw figures of statement ${id}</caption><thead><tr><th scope="col">what</th><th scope="col" class="right">value</th></tr></thead><tbody>${figures.map(
        ([name, value]) =>
          html`<tr><th scope="row">${name}</th><td class="right">${Number.isInteger(value) ? String(value) : Number(value.toPrecision(6)).toString()}</td></tr>`,
      )}</tbody></table></details>`
}
</article>
`;
}
