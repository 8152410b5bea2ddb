// The chapters in the order of the guide's (docs/learn).
import type { Chapter } from "./chapter.ts";
import { asynchronous } from "./chapters/asynchronous.ts";
import { blocking } from "./chapters/blocking.ts";
import { choosing } from "./chapters/choosing.ts";
import { communication } from "./chapters/communication.ts";
import { concepts } from "./chapters/concepts.ts";
import { coroutines } from "./chapters/coroutine.ts";
import { hierarchy } from "./chapters/hierarchy.ts";
import { misconceptions } from "./chapters/misconceptions.ts";
import { parallel } from "./chapters/parallel.ts";
import { pitfalls } from "./chapters/pitfalls.ts";
import { processes } from "./chapters/process.ts";
import { synchronisation } from "./chapters/synchronisation.ts";
import { threads } from "./chapters/thread.ts";

/** All of them. */
export const chapters: readonly Chapter[] = [
  concepts,
  hierarchy,
  processes,
  threads,
  coroutines,
  asynchronous,
  blocking,
  parallel,
  communication,
  synchronisation,
  choosing,
  pitfalls,
  misconceptions,
];
