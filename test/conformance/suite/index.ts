// The suite: every subject, in the order of the report.
import type { Subject } from "../case.ts";
import { cancellation } from "./cancellation.ts";
import { errorCases } from "./errors.ts";
import { figures } from "./figures.ts";
import { groups } from "./groups.ts";
import { inlineCases } from "./inline.ts";
import { joinSyncCases } from "./join-sync.ts";
import { lifecycle } from "./lifecycle.ts";
import { limits } from "./limits.ts";
import { mapCases } from "./map.ts";
import { nesting } from "./nesting.ts";
import { programs } from "./programs.ts";
import { queue } from "./queue.ts";
import { run } from "./run.ts";
import { scheduling } from "./scheduling.ts";
import { spawn } from "./spawn.ts";
import { streamEnds } from "./stream-ends.ts";
import { streams } from "./streams.ts";
import { time } from "./time.ts";
import { valueCases } from "./values.ts";
import { workers } from "./workers.ts";

export const subjects: readonly Subject[] = [
  run,
  errorCases,
  valueCases,
  cancellation,
  time,
  groups,
  mapCases,
  streams,
  streamEnds,
  queue,
  spawn,
  workers,
  limits,
  lifecycle,
  scheduling,
  inlineCases,
  nesting,
  figures,
  joinSyncCases,
  programs,
];
