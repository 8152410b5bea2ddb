// The start of a child: its file of tokens and the spawn. Nothing is left open when it fails.
import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { UnsupportedError } from "../../contract/errors.ts";
import type { WorkerSettings } from "../pool/link.ts";
import { commandFor, explainSpawnFailure } from "./command.ts";
import { openTokenFile } from "./tokens.ts";

/** A child, or why there is none. */
export interface StartedChild {
  /** Without a pid it could not be started either, and an `error` event says why. */
  readonly child: ChildProcess | undefined;
  readonly tokenFile: number | undefined;
  /** Wrapped, because anything can be thrown. */
  readonly error: { readonly value: unknown } | undefined;
}

export function startChild(bootPath: string, settings: WorkerSettings): StartedChild {
  const tokenFile = openTokenFile();
  let child: ChildProcess | undefined;
  let isCommanded = false;
  let error: StartedChild["error"];
  try {
    const { file, args, options } = commandFor(bootPath, settings, tokenFile);
    isCommanded = true;
    // Loaded at the first child: `child_process` is a third of what importing brigade would cost, and threads never need it.
    child = process.getBuiltinModule("node:child_process").spawn(file, args, options);
    if (child.pid === undefined) throw new UnsupportedError("A process could not be started.", "processes");
    return { child, tokenFile, error };
  } catch (thrown) {
    error = { value: isCommanded ? explainSpawnFailure(thrown, settings) : thrown };
    if (tokenFile !== undefined) closeSync(tokenFile);
    return { child, tokenFile: undefined, error };
  }
}
