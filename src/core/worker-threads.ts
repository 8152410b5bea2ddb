// `node:worker_threads`, when it is first wanted: it brings the streams along, and a program that starts no thread need not wait 2 ms
// for them at the import of brigade.

let loaded: typeof import("node:worker_threads") | undefined;

/** The module, loaded by the first call. */
export function workerThreads(): typeof import("node:worker_threads") {
  loaded ??= process.getBuiltinModule("node:worker_threads");
  return loaded;
}
