// The everyday door: `import { … } from "brigade"`.
import "./channel-values.ts";
import "./program-watch.ts";

export { Broadcast } from "../channels/broadcast.ts";
export { Channel } from "../channels/channel.ts";
export { after } from "../channels/clauses/after.ts";
export { Select } from "../channels/persistent-select.ts";
export { select, trySelect } from "../channels/select.ts";
export type { AutoExecutor, AutoExplanation } from "../contract/auto.ts";
export type { ChannelOptions, ChannelStatistics, Overflow, Permit, Receiver, Sender } from "../contract/channel.ts";
export {
  BrigadeError,
  type BrigadeErrorCode,
  BrokenBarrierError,
  BrokenChannelError,
  CancelledError,
  ChannelClosedError,
  DeadlockError,
  ExecutorClosedError,
  GroupFinishedError,
  LockPoisonedError,
  NotOwnerError,
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
  WorkerStatistics,
} from "../contract/executor.ts";
export type { OpenTaskGroup, ScopeOptions, TaskGroup, TaskGroupOptions } from "../contract/group.ts";
export type { AnyClass, AnyFunction, Level, LocalLevel, Portable, PortableNames, Work } from "../contract/portable.ts";
export type { Guard, Lock, LockOptions, PermitOptions, WriteGuard } from "../contract/sync.ts";
export type { CurrentTask, ExplicitTask, Outcome, Task, TaskMetrics, TaskState } from "../contract/task.ts";
export type { Clause, Selectable, Selected, SelectedValue, SelectOptions, WaitOptions } from "../contract/waiting.ts";
export { checkpoint, checkpointSync } from "../core/checkpoint.ts";
export { all, any, race, settled } from "../core/combinators.ts";
export { currentTask } from "../core/current-task.ts";
export { openTaskGroup, withTaskGroup } from "../core/group.ts";
export { map } from "../core/map.ts";
export { TaskLocal } from "../core/task-local.ts";
export { shield, sleep, timeout } from "../core/waiting.ts";
export { Barrier } from "../sync/barrier.ts";
export { CapacityLimiter } from "../sync/capacity-limiter.ts";
export { Condition } from "../sync/condition.ts";
export { Event } from "../sync/event.ts";
export { KeyedLimiter, type KeyedLimiterOptions } from "../sync/keyed-limiter.ts";
export { Latch } from "../sync/latch.ts";
export { Mutex } from "../sync/mutex.ts";
export { Once } from "../sync/once.ts";
export { RateLimiter, type RateLimiterOptions } from "../sync/rate-limiter.ts";
export { RWLock } from "../sync/rw-lock.ts";
export { Semaphore } from "../sync/semaphore.ts";
export { type SerializableOptions, serializable } from "../wire/codec.ts";
export { inline } from "../wire/inline/inline.ts";
export { isMainLevel } from "../wire/main-level.ts";
export { moduleFunctions } from "../wire/module-functions.ts";
export { portable } from "../wire/portable.ts";
export { transfer } from "../wire/transfer-out.ts";
export { auto, coroutines, openCoroutines, openProcesses, openThreads, processes, serial, threads } from "./executors.ts";
