// The ledgers of this thread: what observers need to know of the past, written while anybody watches and not otherwise.
import { exchangeLockRecorder } from "../../core/lock-recorder.ts";
import { addParkRecorder, addTaskRecorder, removeParkRecorder, removeTaskRecorder } from "../recorders.ts";
import { LockLedger } from "./locks.ts";
import { ParkLedger } from "./parks.ts";
import { TaskLedger } from "./tasks.ts";

/** What is written down. */
export interface Ledgers {
  readonly locks: LockLedger;
  readonly parks: ParkLedger;
  readonly tasks: TaskLedger;
}

let open: Ledgers | undefined;
let users = 0;

/** Opens the ledgers, or joins those who have; to be followed by one `closeLedgers`. */
export function openLedgers(): Ledgers {
  users++;
  if (open === undefined) {
    const locks = new LockLedger();
    open = { locks, parks: new ParkLedger(), tasks: new TaskLedger(locks.flows) };
    exchangeLockRecorder(open.locks);
    addParkRecorder(open.parks);
    addTaskRecorder(open.tasks);
  }
  return open;
}

/** The last who closes them ends the recording. */
export function closeLedgers(): void {
  if (--users > 0 || open === undefined) return;
  exchangeLockRecorder(undefined);
  removeParkRecorder(open.parks);
  removeTaskRecorder(open.tasks);
  open.locks.flows.close();
  open = undefined;
}
