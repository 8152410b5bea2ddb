// Inputs: real files of the installed packages, files that are made once, and a web server.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchFolder, cacheFolder } from "../project.ts";
import type { Material } from "./workload.ts";

/** The folder that workloads and their packages stand in. */
export const advisorFolder = join(benchFolder, "advisor");
const packages = join(advisorFolder, "node_modules");

/** Material, and how to end its server. */
export interface OpenedMaterial extends Material, Disposable {}

/** Starts the server and lists the files. Rejects when the server does not start. */
export async function openMaterial(): Promise<OpenedMaterial> {
  const encoders = (await import(pathToFileURL(join(advisorFolder, "encoders.mjs")).href)) as Material["encoders"];
  const server = fork(join(advisorFolder, "server.mjs"), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const port = await portOf(server);
  const all = list(packages);
  const folder = join(cacheFolder, "advisor");
  mkdirSync(folder, { recursive: true });
  return {
    encoders,
    server: `http://127.0.0.1:${port}`,
    files: (ending, least, most, count) =>
      spread(
        all.filter(({ path, bytes }) => path.endsWith(ending) && bytes >= least && bytes <= most).map(({ path }) => path),
        count,
      ),
    folders: (count) =>
      spread(
        readdirSync(packages, { withFileTypes: true })
          .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
          .map((entry) => join(packages, entry.name))
          .filter((path) => list(path).length < 200),
        count,
      ),
    made: (name, make) => {
      const path = join(folder, name);
      if (!existsSync(path)) writeFileSync(path, make());
      return path;
    },
    [Symbol.dispose]: () => void server.kill(),
  };
}

async function portOf(server: ChildProcess): Promise<number> {
  const [port] = (await once(server, "message")) as [number];
  return port;
}

interface Found {
  readonly path: string;
  readonly bytes: number;
}

/** Every file below a folder, in order of the alphabet, so that inputs are the same wherever the same packages are. */
function list(folder: string): Found[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): Found[] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return list(path);
      return entry.isFile() ? [{ path, bytes: statSync(path).size }] : [];
    });
}

/** At most `count` of them, evenly spread. */
function spread(paths: readonly string[], count: number): readonly string[] {
  const step = Math.max(1, paths.length / count);
  return Array.from({ length: Math.min(count, paths.length) }, (_, i) => paths[Math.floor(i * step)] ?? "");
}
