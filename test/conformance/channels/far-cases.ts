// The suite of channels as a process runs it whose channels have their home in the process that started it.
import { portable } from "../../../src/runtime/index.ts";
import { cases } from "./cases.ts";
import { flavoursAbove, skipReason } from "./flavours.ts";

/** How a case ended. */
export interface CaseEnd {
  readonly name: string;
  readonly skipped: string | undefined;
  readonly error: string | undefined;
}

export const farCases = portable("farCases", async (flavourName: string): Promise<CaseEnd[]> => {
  const flavour = flavoursAbove.find(({ name }) => name === flavourName);
  if (flavour === undefined) throw new RangeError(`There is no flavour ${flavourName}.`);
  const ends: CaseEnd[] = [];
  for (const { name, needs, run } of cases) {
    const skipped = skipReason(flavour, needs);
    let error: string | undefined;
    if (skipped === undefined) {
      try {
        await Promise.race([run(flavour), new Promise((_, reject) => setTimeout(() => reject(new Error("it hangs")), 30_000).unref())]);
      } catch (thrown) {
        error = String((thrown as Error).stack);
      }
    }
    ends.push({ name, skipped, error });
  }
  return ends;
});
