// What a worker starts with: opens its side of the link, makes this thread a worker, serves. Executors, channels and pipes are
// not part of it: they come with the task's own module when that imports brigade, or with the first argument that is one.
import { isMainThread } from "node:worker_threads";
import { Host } from "../executors/pool/host.ts";
import { openFarProcess } from "../executors/process/worker.ts";
import { openFarThread } from "../executors/thread/worker.ts";
import { enterWorkerLevel } from "../wire/main-level.ts";
import "./shared-values.ts";
import { becomeWorker } from "./worker-host.ts";

const start = isMainThread ? await openFarProcess() : openFarThread();
enterWorkerLevel();
const host = new Host(start, () => import("./all-values.ts"));
becomeWorker(start.level, host);
// Who watches the program watches from the first task on.
if (process.env.BRIGADE_WATCH) await import("./index.ts");
await host.serve();
