// Deaths of child processes at random moments: from outside by signal, from inside by exit and abort; at work, between two tasks, with
// others sent ahead, in reserve, and while they start. Meanwhile tasks ask for answers all the time. What must hold: each task settles
// once, with its own answer or with the loss of its worker, and code that nobody asked to try again is entered once at most.
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Executor, Task } from "../../src/runtime/index.ts";
import { openProcesses, WorkerLostError } from "../../src/runtime/index.ts";
import type { Dice } from "./dice.ts";
import { hangMs, orHang } from "./episode.ts";
import { answers, type Ledger } from "./ledger.ts";
import * as work from "./work.ts";

/** Tasks under way in each pool. */
const underWay = 24;
/** Deaths after which a pool is closed and another opened. */
const deathsOfPool = 200;
/** A pool breaks when four workers in a row do not get through their start: that is its right, so such kills are rare. */
const killsBetweenStarts = 15;

const outside = { SIGKILL: 45, SIGTERM: 15, SIGSEGV: 6, SIGABRT: 4, SIGSTOP: 1 } as const;
const inside = { exit0: 8, exit3: 8, abort: 6, kill: 6, late: 2 } as const;
const isOutside = (how: keyof typeof outside | keyof typeof inside): how is keyof typeof outside => Object.hasOwn(outside, how);

/** Every child of this program that has not ended, save the reaper. */
const children = new Set<ChildProcess>();
subscribe("child_process", (message) => {
  const { process: child } = message as { process: ChildProcess };
  if (child.spawnargs?.includes("brigade-reaper")) return;
  if (child.pid === undefined) return;
  children.add(child);
  child.once("exit", () => children.delete(child));
});

/** Goes on until `count` workers have died, pool after pool. */
export async function runRandomKills(count: number, dice: Dice, ledger: Ledger, progress: () => void): Promise<void> {
  let left = count;
  while (left > 0 && ledger.of("hung") === 0) {
    const quota = Math.min(left, deathsOfPool);
    left -= quota;
    await new Siege(dice, ledger, quota, progress).run();
  }
}

/** One pool and what befalls it. */
class Siege {
  readonly #dice: Dice;
  readonly #ledger: Ledger;
  readonly #quota: number;
  readonly #progress: () => void;
  readonly #pool: Executor<"process">;
  readonly #folder = mkdtempSync(join(tmpdir(), "brigade-stress-"));
  /** By the name of a worker: when it was killed, and how. */
  readonly #killedMs = new Map<string, { readonly atMs: number; readonly how: string }>();
  readonly #over = new Set<Promise<void>>();
  #asked = 0;
  #answered = 0;
  #sinceStart = 0;
  #isOver = false;

  constructor(dice: Dice, ledger: Ledger, quota: number, progress: () => void) {
    this.#dice = dice;
    this.#ledger = ledger;
    this.#quota = quota;
    this.#progress = progress;
    this.#pool = openProcesses({ name: `siege${ledger.of("pools")}`, size: dice.between(1, 3), stdio: "ignore" });
    ledger.count("pools");
  }

  async run(): Promise<void> {
    for (let each = 0; each < underWay; each++) this.#ask();
    let seen = 0;
    while (seen < this.#quota && this.#ledger.of("hung") === 0) {
      // So many answers later: in between work goes on, or nothing but starts would ever be hit.
      await this.#until(this.#answered + this.#dice.between(0, 60));
      await new Promise((resolve) => setTimeout(resolve, this.#dice.between(0, 4)));
      const how = this.#dice.weighted({ ...outside, ...inside });
      if (isOutside(how)) this.#strike(how);
      else this.#submit(how);
      const { lost } = this.#pool.statistics();
      for (; seen < lost; seen++) this.#progress();
    }
    this.#isOver = true;
    await orHang("tasks", Promise.all(this.#over), this.#ledger);
    await orHang("close", this.#pool.close(), this.#ledger);
    const { workers, running, waiting, lost } = this.#pool.statistics();
    this.#ledger.count("kills", lost);
    if (workers + running + waiting > 0) this.#ledger.violate(`closed with ${workers} workers, ${running} running, ${waiting} waiting`);
    this.#checkMarks();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits for answers; also those that are lost with their worker count. */
  async #until(answered: number): Promise<void> {
    const end = performance.now() + hangMs;
    while (this.#answered < answered && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Kills one of its children, whatever that does at the moment. */
  #strike(signal: keyof typeof outside): void {
    const ready = this.#pool.statistics().perWorker.filter(({ state, id }) => state !== "starting" && id !== undefined);
    let pid: number | undefined;
    if (++this.#sinceStart > killsBetweenStarts) {
      this.#sinceStart = 0;
      const known = new Set(ready.map(({ id }) => id));
      pid = this.#dice.pick([...children].filter(({ pid: each }) => !known.has(each)))?.pid;
      if (pid !== undefined) this.#ledger.count("kills of those that start or wait in reserve");
    }
    const target = pid === undefined && ready.length > 0 ? this.#dice.pick(ready) : undefined;
    pid ??= target?.id;
    if (pid === undefined) return;
    if (target) this.#killedMs.set(target.name, { atMs: performance.now(), how: signal });
    this.#ledger.count(`by ${signal}`);
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended by itself.
    }
  }

  /** Work that ends its worker. */
  #submit(how: keyof typeof inside): void {
    this.#ledger.count(`by ${how}`);
    const n = ++this.#asked;
    const afterMs = this.#dice.pick([0, 0, 1, 5]);
    if (how === "late") this.#follow(this.#pool.run(work.lateCrash, n), `late ${n}`, n, undefined);
    else this.#follow(this.#pool.run(work.perish, how, afterMs), `${how} ${n}`, undefined, undefined);
  }

  /** Work that does no harm. Whenever one is over, another is asked for. */
  #ask(): void {
    const n = ++this.#asked;
    const dice = this.#dice;
    const kind = dice.weighted({ echo: 30, mark: 30, nap: 12, compute: 12, large: 4, retried: 8, report: 4 });
    const ms = dice.between(0, 6);
    const sent = kind === "large" ? dice.bytes(dice.pick([20_000, 200_000])) : `text ${n}`;
    const task = {
      echo: () => this.#pool.run(work.echo, n, sent),
      large: () => this.#pool.run(work.echo, n, sent),
      mark: () => this.#pool.run(work.mark, this.#marks, n),
      nap: () => this.#pool.run(work.nap, n, ms),
      compute: () => this.#pool.run(work.compute, n, ms),
      retried: () => this.#pool.with({ retry: { retries: 20, backoff: { initial: 1, max: 5 } } }).run(work.nap, n, ms),
      report: () => this.#pool.run(work.report, n, 3),
    }[kind]();
    const over = this.#follow(task, `${kind} ${n}`, n, kind === "echo" || kind === "large" ? sent : undefined);
    void over.then(() => {
      this.#answered++;
      if (!this.#isOver) this.#ask();
    });
  }

  #follow(task: Task<unknown>, label: string, n: number | undefined, sent: unknown): Promise<void> {
    task.catch((error: unknown) => this.#lost(error));
    const value = n === undefined ? undefined : answers(n, sent);
    const over = this.#ledger.track(task, { label, value, failures: new Set(["WorkerLostError"]) });
    this.#over.add(over);
    void over.then(() => this.#over.delete(over));
    return over;
  }

  /** The first task that fails by the death of a worker tells how long that took to be found out. */
  #lost(error: unknown): void {
    const killed = error instanceof WorkerLostError && error.worker !== undefined ? this.#killedMs.get(error.worker) : undefined;
    if (killed === undefined) return;
    this.#killedMs.delete((error as WorkerLostError).worker as string);
    (killed.how === "SIGSTOP" ? this.#ledger.stoppedMs : this.#ledger.latenciesMs).push(performance.now() - killed.atMs);
  }

  get #marks(): string {
    return join(this.#folder, "marks");
  }

  /** Nobody asked for these to be tried again. */
  #checkMarks(): void {
    const seen = new Set<string>();
    let text = "";
    try {
      text = readFileSync(this.#marks, "utf8");
    } catch {
      // None was asked for.
    }
    for (const mark of text.split("\n").slice(0, -1)) {
      this.#ledger.count("marks left");
      if (seen.has(mark)) this.#ledger.violate(`the task ${mark} was entered twice`);
      seen.add(mark);
    }
  }
}
