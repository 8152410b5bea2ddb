// Links between the pages lead somewhere: the file is there, and the heading in it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { filesBelow, root } from "./project.ts";

const pages = [
  ...["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"].map((name) => join(root, name)).filter(existsSync),
  ...filesBelow("docs", ".md"),
];

/** The anchors of a page, as GitHub makes them of its headings. */
function anchors(path: string): string[] {
  const text = readFileSync(path, "utf8").replace(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    return heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replace(/ /g, "-");
  });
}

for (const page of pages) {
  test(relative(root, page), () => {
    const text = readFileSync(page, "utf8")
      .replace(/^```[\s\S]*?^```/gm, "")
      .replace(/`[^`\n]*`/g, "code");
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : resolve(dirname(page), path);
      assert.ok(existsSync(file), `${target} leads nowhere`);
      if (anchor !== undefined) assert.ok(anchors(file).includes(anchor), `${target}: no such heading`);
    }
  });
}
