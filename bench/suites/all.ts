// Every suite of `npm run bench`. A new one is a file beside this one and a line here.
import { channels } from "./channels.ts";
import { coroutines } from "./coroutines.ts";
import { ipc } from "./ipc.ts";
import { locks } from "./locks.ts";
import { map } from "./map.ts";
import { payloads } from "./payloads.ts";
import { processes } from "./processes.ts";
import { scale } from "./scale.ts";
import { startup } from "./startup.ts";
import type { Suite } from "./suite.ts";
import { threads } from "./threads.ts";
import { threadsIdle } from "./threads-idle.ts";

export const suites: readonly Suite[] = [coroutines, channels, locks, threads, threadsIdle, processes, ipc, payloads, map, startup, scale];
