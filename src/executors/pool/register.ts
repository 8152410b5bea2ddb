// Register: the tasks of one pool that have not settled, from their opening to their end. It keeps the accounts and keeps the program
// alive for them. The ticket of a task is its run, and until there is one a mark of whether it holds the program.
import type { CancelScope } from "../../core/scope.ts";
import { ScopedTask } from "../../core/task.ts";
import type { TaskDriver } from "../../core/task-driver.ts";
import type { Accounts } from "./accounts.ts";
import { KeepAlive } from "./keep-alive.ts";
import { Run } from "./run.ts";

const unprepared = Symbol("unprepared");
const unpreparedDaemon = Symbol("unprepared daemon");

export class Register {
  readonly #driver: TaskDriver;
  readonly #accounts: Accounts;
  readonly #keepAlive = new KeepAlive();
  /** Tasks that hold the program. */
  #holding = 0;
  /** The newest run: the runs are a list of their own, which costs nothing to enter and to leave. */
  #newest: Run | undefined = undefined;

  constructor(driver: TaskDriver, accounts: Accounts) {
    this.#driver = driver;
    this.#accounts = accounts;
  }

  /** The runs of now, oldest first; a copy, since whoever goes through them settles some. */
  get runs(): readonly Run[] {
    const runs: Run[] = [];
    for (let run = this.#newest; run; run = run.previous) runs.push(run);
    return runs.reverse();
  }

  /** A task was opened, perhaps to settle at once: then it was never here. */
  opened(task: ScopedTask<unknown>, daemon: boolean): void {
    this.#accounts.opened();
    if (task.settled) {
      this.#accounts.settled(task);
      return;
    }
    if (!daemon && this.#holding++ === 0) this.#keepAlive.hold();
    task.ticket = daemon ? unpreparedDaemon : unprepared;
  }

  prepared(run: Run): void {
    run.task.ticket = run;
    run.previous = this.#newest;
    if (this.#newest) this.#newest.next = run;
    this.#newest = run;
  }

  settled(task: ScopedTask<unknown>): void {
    const { ticket } = task;
    // Settled before it was entered here.
    if (ticket === undefined) return;
    const daemon = ticket instanceof Run ? ticket.isDaemon : ticket === unpreparedDaemon;
    if (!daemon && --this.#holding === 0) this.#keepAlive.release();
    if (ticket instanceof Run) this.#leave(ticket);
    // What it was made of must not live as long as the handle.
    task.ticket = undefined;
    this.#accounts.settled(task);
  }

  #leave(run: Run): void {
    if (run.next) run.next.previous = run.previous;
    else this.#newest = run.previous;
    if (run.previous) run.previous.next = run.next;
    run.next = undefined;
    run.previous = undefined;
  }

  /** The run of a task of this pool that has not settled. */
  runOf(scope: CancelScope): Run | undefined {
    return scope instanceof ScopedTask && scope.driver === this.#driver && scope.ticket instanceof Run ? scope.ticket : undefined;
  }
}
