// The start of a child: its files and the spawn. Nothing is left open when it fails.
import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { UnsupportedError } from "../../contract/errors.ts";
import type { WorkerSettings } from "../pool/link.ts";
import { commandFor, explainSpawnFailure } from "./command.ts";
import { openJournalFile } from "./journal.ts";
import { type ByteFiles, openByteFiles } from "./long-bytes.ts";
import { openTokenFile } from "./tokens.ts";

/** A child, or why there is none. */
export interface StartedChild {
  /** Without a pid it could not be started either, and an `error` event says why. */
  readonly child: ChildProcess | undefined;
  readonly tokenFile: number | undefined;
  readonly byteFiles: ByteFiles | undefined;
  readonly journalFile: number | undefined;
  /** Wrapped, because anything can be thrown. */
  readonly error: { readonly value: unknown } | undefined;
}

export function startChild(bootPath: string, settings: WorkerSettings): StartedChild {
  const tokenFile = openTokenFile();
  const byteFiles = openByteFiles();
  const journalFile = openJournalFile();
  const files = [tokenFile, byteFiles?.toChild, byteFiles?.fromChild, journalFile];
  let child: ChildProcess | undefined;
  let isCommanded = false;
  let error: StartedChild["error"];
  try {
    const { file, args, options } = commandFor(bootPath, settings, files);
    isCommanded = true;
    // Loaded at the first child: `child_process` is a third of what importing brigade would cost, and threads never need it.
    child = process.getBuiltinModule("node:child_process").spawn(file, args, options);
    if (child.pid === undefined) throw new UnsupportedError("A process could not be started.", "processes");
    return { child, tokenFile, byteFiles, journalFile, error };
  } catch (thrown) {
    error = { value: isCommanded ? explainSpawnFailure(thrown, settings) : thrown };
    for (const file of files) if (file !== undefined) closeSync(file);
    return { child, tokenFile: undefined, byteFiles: undefined, journalFile: undefined, error };
  }
}
