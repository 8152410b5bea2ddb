// The directory of executors: the names under which they travel as arguments.
//
// A name means an executor of the side that gave it. On a worker, a name that is not the worker's own is looked for at the
// side that started it: the worker gets a remote executor and submits by frame.
import type { Executor } from "../contract/executor.ts";
import type { Level } from "../contract/portable.ts";
import { workerThreads } from "../core/worker-threads.ts";
import type { ExecutorCore } from "../executors/pool/core.ts";
import { coreOf, ExecutorFace } from "../executors/pool/face.ts";
import { setExecutorDirectory } from "../executors/pool/passage.ts";
import { RemoteCore, type RemoteSide } from "../executors/pool/remote.ts";

/** Registers the directory. `standard` executors are known by name on every side; `upstairs` is where this thread was started. */
export function nameExecutors(standard: Readonly<Record<string, Executor>>, upstairs: () => RemoteSide | undefined): void {
  const byName = new Map<string, Executor>();
  const names = new WeakMap<ExecutorCore, string>();
  let given = 0;

  setExecutorDirectory({
    nameOf(object) {
      const core = coreOf(object);
      if (core === undefined) return undefined;
      const known = names.get(core);
      if (known !== undefined) return known;
      for (const [name, executor] of Object.entries(standard)) if (coreOf(executor) === core) return name;
      // A remote executor goes home under the name it came with.
      const name =
        core instanceof RemoteCore
          ? core.address
          : `${core.level}:${core.name.replaceAll(":", "-")}:${core.size}:${process.pid}.${workerThreads().threadId}.${++given}`;
      names.set(core, name);
      if (!(core instanceof RemoteCore)) byName.set(name, new ExecutorFace(() => core));
      return name;
    },
    find(name) {
      const here = byName.get(name) ?? standard[name];
      if (here) return here;
      const side = upstairs();
      if (side === undefined) return undefined;
      const [level = "thread", display = name, size = "1"] = name.split(":");
      const core = new RemoteCore(level as Level, display, name, Number(size), side);
      const face = new ExecutorFace<Level>(() => core);
      byName.set(name, face);
      names.set(core, name);
      return face;
    },
  });
}
