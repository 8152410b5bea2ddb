// Is a second definition of a name a mistake (two functions, one name) or the module evaluated again (hot reload, test
// runners, an emptied require cache)? Best evidence first: the identity of `import.meta`, then of the CommonJS module object;
// only where neither is known, time: a module evaluates in one go, so definitions within one synchronous stretch belong
// together, and a later one is another evaluation. A whole turn of the event loop would be too long: test runners evaluate a
// cached module again within the turn. Positions cannot tell: an edited module comes back with its lines moved. What this
// misses is a name given twice on both sides of a top-level `await`, without `import.meta`.
import type { Evaluation } from "./thread-registry.ts";
import { registry } from "./thread-registry.ts";

let commonJsCache: NodeJS.Dict<NodeModule> | undefined;

/** The CommonJS module object of a file that is loaded, or is being loaded, by `require`. */
export function commonJsModule(fileName: string): NodeModule | undefined {
  // Any absolute path gives the one cache; `import.meta.url` does not exist where a bundler made CommonJS of us.
  commonJsCache ??= process.getBuiltinModule("node:module").createRequire(process.execPath).cache;
  return commonJsCache?.[fileName];
}

/** Which evaluation runs now, for a definition in `fileName`. */
export function currentEvaluation(meta: object | undefined, fileName: string | undefined): Evaluation {
  if (!registry.epochEnds) {
    registry.epochEnds = true;
    queueMicrotask(() => {
      registry.epoch += 1;
      registry.epochEnds = false;
    });
  }
  return { meta, commonJs: fileName === undefined ? undefined : commonJsModule(fileName), epoch: registry.epoch };
}

/** Whether two definitions were made by one evaluation of their module. */
export function sameEvaluation(a: Evaluation, b: Evaluation): boolean {
  if (a.meta && b.meta) return a.meta === b.meta;
  if (a.commonJs && b.commonJs) return a.commonJs === b.commonJs;
  return a.epoch === b.epoch;
}
