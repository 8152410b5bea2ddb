// Task ids: a prefix of the thread and a number, given to a task when somebody first asks for its id. The number alone travels.
let prefix = "t";
let last = 0;

/** Sets what task ids of this thread begin with, so that ids of different workers differ. */
export function setTaskIdPrefix(next: string): void {
  prefix = next;
}

/** What task ids of this thread begin with. */
export function taskIdPrefix(): string {
  return prefix;
}

/** A number that no other task of this thread has. */
export function nextTaskNumber(): number {
  return ++last;
}
