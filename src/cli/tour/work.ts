// What the tour runs on workers. A file of its own in dist, so that a worker reads this and not the command line.
import { isMainThread, threadId } from "node:worker_threads";
import { currentTask, portable, type Receiver, type Sender, sleep } from "../../runtime/index.ts";
import type { SharedCounter } from "../../runtime/shared.ts";

/** Work at the stove for so many ms: nobody else can use the cook meanwhile. */
export const chop = portable(import.meta, "chop", (ms: number): number => {
  const end = performance.now() + ms;
  let pieces = 0;
  while (performance.now() < end) pieces++;
  return pieces;
});

/** So much work, however long it takes: what has to be measured where cooks may get in each other's way. */
export const knead = portable(import.meta, "knead", (turns: number): number => {
  let dough = 1;
  for (let turn = 0; turn < turns; turn++) dough = (dough * 31 + turn) % 1_000_003;
  return dough;
});

/** A dish of three steps: chop, simmer, season. While it simmers, its cook is free. */
export const cook = portable(import.meta, "cook", async (ms: number): Promise<number> => {
  const pieces = chop(ms / 4);
  await sleep(ms / 2);
  return pieces + chop(ms / 4);
});

/** Waits for so many ms, as for an answer from far away. */
export const ask = portable(import.meta, "ask", async (ms: number): Promise<number> => {
  await sleep(ms);
  return ms;
});

/** Takes the whole process with it. */
export const explode = portable(import.meta, "explode", () => process.kill(process.pid, "SIGKILL"));

/** Never ends by itself. */
export const forever = portable(import.meta, "forever", (): number => {
  currentTask().report("in the loop");
  for (let turns = 0; ; turns++) if (turns < 0) return turns;
});

/** Where am I? */
export const whereAmI = portable(import.meta, "whereAmI", () => ({ process: process.pid, thread: isMainThread ? 0 : threadId }));

let jars = 0;

/** Fills a common shelf and a variable of one's own. */
export const fill = portable(import.meta, "fill", (shelf: SharedCounter, times: number): number => {
  for (let time = 0; time < times; time++) {
    shelf.add();
    jars++;
  }
  return jars;
});

/** Sends back what it receives. */
export const echo = portable(import.meta, "echo", async (letters: Receiver<number>, replies: Sender<number>): Promise<void> => {
  for await (const letter of letters) await replies.send(letter);
  replies.close();
});

/** A crumb of work. */
export const crumb = portable(import.meta, "crumb", (n: number): number => n + 1);
