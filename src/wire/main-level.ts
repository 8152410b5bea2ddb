// Does this code run for the program, or because a worker imported its module to find a function? `isMainLevel()` is how
// modules ask; `duringImport()` is how executors notice that a module should have asked.
import { AsyncLocalStorage } from "node:async_hooks";
import { NotPortableError } from "../contract/errors.ts";
import { callerOf } from "./call-site.ts";
import { describeModule } from "./module-url.ts";
import { registry } from "./thread-registry.ts";

/** False in a module that a worker imports to find a portable function: guard top-level work with it. */
export function isMainLevel(): boolean {
  if (registry.workerLevel) return false;
  // The caller is guarded, so its file may be imported by a worker even if it is the program's entry. Only the immediate
  // caller counts: in CommonJS the frames below are those of modules that merely require it.
  const { url } = callerOf(isMainLevel);
  if (url !== undefined) registry.guarded.add(url);
  return true;
}

/** Makes this thread a worker of brigade, for good. The boot file calls it before it imports anything of the user's. */
export function enterWorkerLevel(): void {
  registry.workerLevel = true;
  registry.importing ??= new AsyncLocalStorage<string>();
}

/** Runs `load`, the import of `url`, so that what it starts can be told from the work of tasks. */
export function withinImport<R>(url: string, load: () => R): R {
  return registry.importing ? registry.importing.run(url, load) : load();
}

/** On a worker: the URL of the module at whose import the running code began, be it at top level or in what top-level code set
 *  going (`main()`, a timer); `undefined` inside tasks and everywhere on the main level. Never waits. */
export function duringImport(): string | undefined {
  return registry.importing?.getStore();
}

/** The error for work submitted at the import of `url`. */
export function importTimeError(url: string): NotPortableError {
  return new NotPortableError(
    `${describeModule(url)} starts work when a worker imports it to find a function. ` +
      "Guard its top-level work, if (isMainLevel()) { … }, or move its portable functions to a module of their own.",
  );
}
