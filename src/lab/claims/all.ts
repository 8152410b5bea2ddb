// Every statement that can be tried, in order of number.
import { takingTurns } from "./01-taking-turns.ts";
import { waitsOverlap } from "./02-waits-overlap.ts";
import { memoryOfMany } from "./03-memory-of-many.ts";
import { bytesSuspended } from "./04-bytes-suspended.ts";
import { switchCost } from "./05-switch-cost.ts";
import { cooperative } from "./06-cooperative.ts";
import { noSpeedup } from "./07-no-speedup.ts";
import { exceptionsStay } from "./08-exceptions-stay.ts";
import { sharedState } from "./09-shared-state.ts";
import { blockingCall } from "./10-blocking-call.ts";
import { sharedMemory } from "./11-shared-memory.ts";
import { ownStack } from "./12-own-stack.ts";
import { lostUpdates } from "./13-lost-updates.ts";
import { deadlock } from "./14-deadlock.ts";
import { preempted } from "./15-preempted.ts";
import { globalLock } from "./16-global-lock.ts";
import { threadStart } from "./17-thread-start.ts";
import { failuresInThreads } from "./18-failures-in-threads.ts";
import { threadsEndWithProcess } from "./19-threads-end-with-process.ts";
import { threadsOverlapWaits } from "./20-threads-overlap-waits.ts";
import { ownGlobals } from "./21-own-globals.ts";
import { meansOfCommunication } from "./22-means-of-communication.ts";
import { crashesContained } from "./23-crashes-contained.ts";
import { processesParallel } from "./24-processes-parallel.ts";
import { processesDearest } from "./25-processes-dearest.ts";
import { lightTasks } from "./26-light-tasks.ts";
import { processesAndWaiting } from "./27-processes-and-waiting.ts";
import { serialSum } from "./28-serial-sum.ts";
import { longestPart } from "./29-longest-part.ts";
import { joining } from "./30-joining.ts";
import { concurrency } from "./31-concurrency.ts";
import { parallelism } from "./32-parallelism.ts";
import { hierarchy } from "./33-hierarchy.ts";
import { costsInOrder } from "./34-costs-in-order.ts";
import { matrices } from "./35-matrices.ts";
import { howMany } from "./36-how-many.ts";
import { oversubscription } from "./37-oversubscription.ts";
import { teardown } from "./38-teardown.ts";
import { sharedDescriptors } from "./39-shared-descriptors.ts";
import { priority } from "./40-priority.ts";
import { manyConnections } from "./41-many-connections.ts";
import { permissions } from "./42-permissions.ts";
import { mixing } from "./43-mixing.ts";
import { isolationOfThreads } from "./44-isolation-of-threads.ts";
import { visibleSwitches } from "./45-visible-switches.ts";
import type { Experiment } from "./experiment.ts";

export const experiments: readonly Experiment[] = [
  takingTurns,
  waitsOverlap,
  memoryOfMany,
  bytesSuspended,
  switchCost,
  cooperative,
  noSpeedup,
  exceptionsStay,
  sharedState,
  blockingCall,
  sharedMemory,
  ownStack,
  lostUpdates,
  deadlock,
  preempted,
  globalLock,
  threadStart,
  failuresInThreads,
  threadsEndWithProcess,
  threadsOverlapWaits,
  ownGlobals,
  meansOfCommunication,
  crashesContained,
  processesParallel,
  processesDearest,
  lightTasks,
  processesAndWaiting,
  serialSum,
  longestPart,
  joining,
  concurrency,
  parallelism,
  hierarchy,
  costsInOrder,
  matrices,
  howMany,
  oversubscription,
  teardown,
  sharedDescriptors,
  priority,
  manyConnections,
  permissions,
  mixing,
  isolationOfThreads,
  visibleSwitches,
];

/** Those of the numbers, each once, in order; all without numbers. Throws `RangeError` for a number that no statement has. */
export function experimentsOf(ids: readonly number[] | undefined): readonly Experiment[] {
  if (ids === undefined) return experiments;
  for (const id of ids) {
    if (!experiments.some((experiment) => experiment.id === id)) {
      throw new RangeError(`There is no statement ${id}; those that can be tried are 1 to ${experiments.at(-1)?.id}.`);
    }
  }
  return experiments.filter(({ id }) => ids.includes(id));
}
