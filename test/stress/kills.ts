// Kills as fast as they can be done: every worker that has a task is killed under it, over and over, while other tasks ask
// for answers. Each kill must cost exactly its own task.
import type { Executor } from "../../src/runtime/index.ts";
import { openProcesses, openThreads } from "../../src/runtime/index.ts";
import { orHang } from "./episode.ts";
import { answers, type Ledger } from "./ledger.ts";
import * as work from "./work.ts";

const innocentsPerKill = 2;

/** Injects `count` kills on a pool of this level. Of a process half are killed from outside, half kill themselves. */
export async function runKills(
  level: "thread" | "process",
  count: number,
  size: number,
  ledger: Ledger,
  progress: () => void,
): Promise<void> {
  const options = { name: `kill-${level}`, size, stdio: "ignore" } as const;
  const pool: Executor<"thread" | "process"> = level === "thread" ? openThreads(options) : openProcesses(options);
  let begun = 0;
  let asked = 0;
  const lane = async (): Promise<void> => {
    while (begun < count && ledger.of("hung") === 0) {
      const n = ++begun;
      const outside = level === "process" && n % 2 === 0;
      const victim = outside ? pool.run(work.target) : pool.run(work.die, level === "process" ? 9 : 1, 0);
      const over = [ledger.track(victim, { label: `victim ${n}`, failures: new Set(["WorkerLostError"]) })];
      let killedAtNs: bigint | undefined;
      victim.onDone(() => {
        ledger.count("kills");
        if (killedAtNs !== undefined) ledger.latenciesMs.push(Number(process.hrtime.bigint() - killedAtNs) / 1e6);
      });
      for (let each = 0; each < innocentsPerKill; each++) {
        const question = ++asked;
        over.push(
          ledger.track(pool.run(work.echo, question, { question }), {
            label: `innocent ${question}`,
            value: answers(question, { question }),
            failures: new Set(),
          }),
        );
      }
      for await (const said of victim.progress) {
        killedAtNs = outside ? process.hrtime.bigint() : (said as bigint);
        if (outside) process.kill(said as number, "SIGKILL");
      }
      await orHang("victim and innocents", Promise.all(over), ledger);
      progress();
    }
  };
  await Promise.all(Array.from({ length: size }, lane));
  await orHang("close", pool.close(), ledger);
  const { succeeded, failed, cancelled, lost } = pool.statistics();
  if (succeeded !== asked || failed !== begun || cancelled !== 0) {
    ledger.violate(`${level}: ${asked} asked and ${begun} killed, but ${succeeded} succeeded, ${failed} failed, ${cancelled} cancelled`);
  }
  if (lost !== begun) ledger.violate(`${level}: ${begun} killed, ${lost} workers lost`);
}
