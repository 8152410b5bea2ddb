// Task ids: a prefix of the thread and a number, given to a task when somebody first asks for its id.
let prefix = "t";
let last = 0;

/** Sets what task ids of this thread begin with, so that ids of different workers differ. */
export function setTaskIdPrefix(next: string): void {
  prefix = next;
}

/** An id that no other task has. */
export function nextTaskId(): string {
  return `${prefix}${++last}`;
}
