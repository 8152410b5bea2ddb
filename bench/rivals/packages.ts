// Loads a rival, in the program that measures it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchFolder } from "../project.ts";
import type { Rivals } from "./shapes.ts";

/** The module of an installed rival. Rejects when it cannot be loaded. */
export async function rival<N extends keyof Rivals>(name: N): Promise<Rivals[N]> {
  const { load } = (await import(pathToFileURL(join(benchFolder, "rivals", "load.mjs")).href)) as {
    readonly load: (name: string) => Promise<unknown>;
  };
  return (await load(name)) as Rivals[N];
}
