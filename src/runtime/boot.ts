// What a worker starts with: opens its side of the link, makes this thread a worker, serves.
import { isMainThread } from "node:worker_threads";
import { Host } from "../executors/pool/host.ts";
import { openFarProcess } from "../executors/process/worker.ts";
import { openFarThread } from "../executors/thread/worker.ts";
import { enterWorkerLevel } from "../wire/main-level.ts";
import { becomeWorker } from "./executors.ts";
import "./shared-values.ts";

const start = isMainThread ? await openFarProcess() : openFarThread();
enterWorkerLevel();
const host = new Host(start);
becomeWorker(start.level, host);
await host.serve();
