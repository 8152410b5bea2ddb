// The door for memory that threads share: `import { … } from "brigade/shared"`.
import "./shared-values.ts";

export type { FieldType, FieldValue } from "../memory/record.ts";
export { type ArenaOptions, SharedArena, type SharedCounter, type SharedStruct, type TypedArray } from "../sync/shared/arena.ts";
export { SharedBarrier } from "../sync/shared/barrier.ts";
export { SharedCondition } from "../sync/shared/condition.ts";
export { SharedEvent } from "../sync/shared/event.ts";
export { type LockSync, SharedMutex } from "../sync/shared/mutex.ts";
export { SharedOnce } from "../sync/shared/once.ts";
export { SharedRWLock } from "../sync/shared/rw-lock.ts";
export { SharedSemaphore } from "../sync/shared/semaphore.ts";
export { ThreadLocal } from "../sync/shared/thread-local.ts";
