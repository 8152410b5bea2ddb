// Generators for a host over a played link. What they do is written down here, in the one instance of this module.
import { sleep } from "../../../src/core/waiting.ts";
import { portable } from "../../../src/wire/portable.ts";

/** What the generators did, in order. */
export const deeds: string[] = [];

export const counts = portable("counts", function* (to: number) {
  try {
    for (let item = 1; item <= to; item++) {
      deeds.push(`yields ${item}`);
      yield item;
    }
  } finally {
    deeds.push("finally");
  }
});
export const pads = portable("pads", function* (size: number) {
  for (let item = 1; ; item++) {
    deeds.push(`yields ${item}`);
    yield "x".repeat(size);
  }
});
export const tidies = portable("tidies", async function* () {
  try {
    for (let item = 1; ; item++) yield item;
  } finally {
    await sleep(0).catch((error: unknown) => deeds.push((error as Error).name));
    await new Promise((resolve) => setImmediate(resolve));
    deeds.push("tidy");
  }
});
