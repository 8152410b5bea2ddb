// Use: a terminal that stays live while work is done.
//
//   node --import tsx examples/uses/live-terminal.ts [on-loop]
//
// Six folders of numbers are searched for primes on threads, each task reporting how far it is; the bars are drawn twenty times a second by
// this thread. With `on-loop` the same work is done on this thread: look what becomes of the picture. Ctrl-C cancels it all.
import { checkpointSync, coroutines, currentTask, isMainLevel, portable, type Task, threads } from "brigade";

/** Counts the primes of a stretch, and says now and then how much of it is done, 0 to 1. */
export const search = portable("search", (from: number, to: number): number => {
  const task = currentTask();
  let primes = 0;
  for (let n = from; n < to; n++) {
    let prime = n > 1;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (prime) primes++;
    if (n % 2_000 === 0) {
      checkpointSync();
      task.report((n - from) / (to - from));
    }
  }
  return primes;
});

/** What is known of one task. */
interface Row {
  readonly task: Task<number>;
  done: number;
}

if (isMainLevel()) {
  const size = Number(process.env.BRIGADE_EXAMPLE_SIZE ?? 400_000);
  const executor = process.argv[2] === "on-loop" ? coroutines : threads;
  const stretches = Array.from({ length: 6 }, (_, n) => [n * size, (n + 1) * size] as const);
  const rows = stretches.map(([from, to]): Row => ({ task: executor.run(search, from, to), done: 0 }));
  for (const row of rows) {
    void (async () => {
      for await (const done of row.task.progress) row.done = done as number;
    })();
  }
  process.once("SIGINT", () => {
    for (const { task } of rows) task.cancel("Ctrl-C");
  });

  // The picture. Its frames are timed: what should be 50 ms apart, and is not, was felt.
  const live = process.stdout.isTTY;
  let drawn = 0;
  let last = performance.now();
  let longest = 0;
  const draw = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    const spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"[drawn++ % 10];
    if (!live) return;
    if (drawn > 1) process.stdout.write(`\u001b[${rows.length}A`);
    for (const [n, { task, done }] of rows.entries()) {
      const full = task.state === "succeeded" ? 1 : done;
      const bar = "█".repeat(Math.round(full * 30)).padEnd(30, "░");
      process.stdout.write(
        `\u001b[2K ${task.state === "running" ? spinner : task.state === "succeeded" ? "✔" : " "} stretch ${n + 1} ${bar} ${task.state}\n`,
      );
    }
  };
  const frames = setInterval(draw, 50);
  const results = await Promise.allSettled(rows.map(({ task }) => task));
  clearInterval(frames);
  draw();
  const found = results.map((result) => (result.status === "fulfilled" ? result.value : 0));
  console.log(`${found.reduce((sum, primes) => sum + primes, 0)} primes below ${6 * size}`);
  console.log(`${drawn} frames, the longest pause between two was ${Math.round(longest)} ms`);
  if (results.some((result) => result.status === "rejected")) process.exitCode = 1;
}
