// The shell of every page: head, policy, the header, the sections, the program. One file that fetches nothing: the policy forbids it, and names
// the one style sheet and the one program by their hashes, so that nothing else could run even if it got in.
import { createHash } from "node:crypto";
import { pageAssets } from "./assets.ts";
import { type Content, html, island, type Markup, textOf, verbatim } from "./markup.ts";

/** A page. */
export interface Page {
  /** The command: `compare`. */
  readonly command: string;
  readonly title: string;
  /** Short facts under the title. */
  readonly facts: readonly string[];
  readonly sections: readonly Section[];
  /** Data for the page's program. */
  readonly data?: unknown;
}

/** A part of a page with a heading. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** For the list at the top; default the title. */
  readonly short?: string;
  /** Stands under the heading, in a sentence or two. */
  readonly lead?: string | undefined;
  readonly body: Content;
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The page as one HTML document. */
export function page({ command, title, facts, sections, data }: Page): string {
  const { program, style } = pageAssets();
  const policy = `default-src 'none'; script-src ${hashOf(program)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title} · brigade ${command}</title>
<style>${verbatim(style)}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
<header class="top">
<p class="kicker">brigade ${command}</p>
<h1>${title}</h1>
<ul class="facts">${facts.map((fact) => html`<li>${fact}</li>`)}</ul>
</header>
<nav aria-label="Sections"><ul>${sections.map(({ id, title, short }) => html`<li><a href="#${id}">${short ?? title}</a></li>`)}</ul></nav>
<main id="main">
${sections.map(section)}
</main>
<footer><p>Made by brigade ${command} --html. Everything on this page is in this file.</p></footer>
<script type="application/json" id="data">${island(data ?? {})}</script>
<script>${verbatim(program)}</script>
</body>
</html>
`;
  return textOf(document);
}

function section({ id, title, lead, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${lead === undefined ? "" : html`<p class="lead">${lead}</p>`}
${body}
</section>
`;
}
