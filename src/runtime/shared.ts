// The door for memory that threads share: `import { … } from "brigade/shared"`.
import { layCommonGround } from "../memory/common-ground.ts";
import "./shared-values.ts";

export type { FieldType, FieldValue } from "../memory/record.ts";
export { type ArenaOptions, SharedArena, type SharedCounter, type SharedStruct, type TypedArray } from "../sync/shared/arena.ts";
export { SharedBarrier } from "../sync/shared/barrier.ts";
export { type AtomicCell, type AtomicCellOptions, atomicCell } from "../sync/shared/cell.ts";
export { SharedCondition } from "../sync/shared/condition.ts";
export { SharedEvent } from "../sync/shared/event.ts";
export type { MapOptions, SharedMap } from "../sync/shared/map.ts";
export { type LockSync, SharedMutex } from "../sync/shared/mutex.ts";
export { SharedOnce } from "../sync/shared/once.ts";
export type { RingOptions, SharedRing } from "../sync/shared/ring.ts";
export { SharedRWLock } from "../sync/shared/rw-lock.ts";
export { SharedSemaphore } from "../sync/shared/semaphore.ts";
export { ThreadLocal } from "../sync/shared/thread-local.ts";

// Also for threads that the program starts without brigade.
layCommonGround();
