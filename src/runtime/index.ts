// The everyday door: `import { … } from "brigade"`.
export {
  BrigadeError,
  type BrigadeErrorCode,
  CancelledError,
  ExecutorClosedError,
  GroupFinishedError,
  NotPortableError,
  NotSerializableError,
  PoolBrokenError,
  QueueFullError,
  TaskGroupError,
  TimeoutError,
  UnsupportedError,
  WorkerLostError,
} from "../contract/errors.ts";
export type {
  Backoff,
  CloseOptions,
  Executor,
  ExecutorOptions,
  ExecutorStatistics,
  MapOptions,
  Permissions,
  ProcessOptions,
  QueueOptions,
  Results,
  RetryOptions,
  TaskOptions,
  ThreadOptions,
} from "../contract/executor.ts";
export type { OpenTaskGroup, ScopeOptions, TaskGroup, TaskGroupOptions } from "../contract/group.ts";
export type { AnyClass, AnyFunction, Level, LocalLevel, Portable, PortableNames, Work } from "../contract/portable.ts";
export type { CurrentTask, ExplicitTask, Outcome, Task, TaskMetrics, TaskState } from "../contract/task.ts";
export { checkpoint, checkpointSync } from "../core/checkpoint.ts";
export { all, any, race, settled } from "../core/combinators.ts";
export { currentTask } from "../core/current-task.ts";
export { openTaskGroup, withTaskGroup } from "../core/group.ts";
export { map } from "../core/map.ts";
export { TaskLocal } from "../core/task-local.ts";
export { shield, sleep, timeout } from "../core/waiting.ts";
export { type SerializableOptions, serializable } from "../wire/codec.ts";
export { isMainLevel } from "../wire/main-level.ts";
export { moduleFunctions } from "../wire/module-functions.ts";
export { portable } from "../wire/portable.ts";
export { coroutines, openCoroutines, openProcesses, openThreads, processes, serial, threads } from "./executors.ts";
