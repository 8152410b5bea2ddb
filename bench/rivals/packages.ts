// Loads a rival, in the program that measures it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchFolder } from "../project.ts";
import type { NodeEndpoint, Rivals } from "./shapes.ts";

/** The module of an installed rival. Rejects when it cannot be loaded. */
export async function rival<N extends keyof Rivals>(name: N): Promise<Rivals[N]> {
  return (await load(name)) as Rivals[N];
}

/** comlink's door for worker threads, a module of its own. */
export async function comlinkNodeEndpoint(): Promise<NodeEndpoint> {
  const { default: nodeEndpoint } = (await load("comlink/dist/esm/node-adapter.mjs")) as { readonly default: NodeEndpoint };
  return nodeEndpoint;
}

/** A file of `rivals/workers/`: the other side of a rival. */
export const workerFile = (name: string): string => join(benchFolder, "rivals", "workers", `${name}.mjs`);

async function load(specifier: string): Promise<unknown> {
  const door = (await import(pathToFileURL(join(benchFolder, "rivals", "load.mjs")).href)) as {
    readonly load: (specifier: string) => Promise<unknown>;
  };
  return door.load(specifier);
}
