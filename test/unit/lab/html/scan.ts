// What a browser would make of a page, as far as these tests ask: every element with the names of its attributes, in order, and raw text.

/** An element's start. */
export interface Start {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

/** A page taken apart. */
export interface Scanned {
  readonly starts: readonly Start[];
  /** Contents of scripts and style sheets, by element. */
  readonly raw: readonly { readonly start: Start; readonly text: string }[];
  /** Text between tags, entities as they stand. */
  readonly text: string;
}

/** Takes a page apart as the standard's tokenizer does; throws where ours would have to guess. */
export function scan(page: string): Scanned {
  const starts: Start[] = [];
  const raw: { start: Start; text: string }[] = [];
  let text = "";
  for (let i = 0; i < page.length; ) {
    const open = page.indexOf("<", i);
    text += page.slice(i, open < 0 ? page.length : open);
    if (open < 0) break;
    const rest = page.slice(open);
    const end = /^<\/[a-z][a-z0-9]*>/i.exec(rest) ?? /^<!doctype html>/i.exec(rest);
    if (end) {
      i = open + end[0].length;
      continue;
    }
    const begin = /^<([a-z][a-z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9:-]*(?:="[^"]*")?)*)\s*\/?>/i.exec(rest);
    if (!begin) throw new Error(`not markup of ours: ${rest.slice(0, 80)}`);
    const attributes = new Map(
      [...(begin[2] ?? "").matchAll(/([a-zA-Z][a-zA-Z0-9:-]*)(?:="([^"]*)")?/g)].map(([, name = "", value = ""]) => [name, value]),
    );
    const start = { name: (begin[1] ?? "").toLowerCase(), attributes };
    starts.push(start);
    i = open + begin[0].length;
    if (start.name !== "script" && start.name !== "style") continue;
    const close = new RegExp(`</${start.name}[\\s/>]`, "i").exec(page.slice(i));
    if (!close) throw new Error(`<${start.name}> does not end`);
    raw.push({ start, text: page.slice(i, i + close.index) });
    i += close.index;
  }
  return { starts, raw, text };
}

/** The shape of a page: elements and their attributes, values left out. */
export function shapeOf({ starts }: Scanned): string[] {
  return starts.map(({ name, attributes }) => `${name}[${[...attributes.keys()].join()}]`);
}
