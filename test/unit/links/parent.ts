// Programs that open links and then end in some way, for tests of what is left of them: run with a mode as argument.
import { closeSync, existsSync, openSync, readdirSync } from "node:fs";
import { openProcessLink } from "../../../src/executors/process/link.ts";
import { openThreadLink } from "../../../src/executors/thread/link.ts";
import { bootUrl, Harness } from "./harness.ts";

const modes: Record<string, () => void | Promise<void>> = {
  // Idle workers of both kinds and nothing else to do: the program must end by itself.
  async idle() {
    const workers = await Promise.all([openThreadLink(bootUrl), openProcessLink(bootUrl)].map((open) => new Harness(open).ready()));
    for (const worker of workers) worker.run(1, "print", "hello");
    await Promise.all(workers.map((worker) => worker.outcome(1)));
    console.log(JSON.stringify(workers.map(({ link }) => link.workerId)));
  },
  // Started and left: not even the boot is waited for.
  unawaited() {
    for (const open of [openThreadLink(bootUrl), openProcessLink(bootUrl)]) new Harness(open);
    console.log(JSON.stringify("started"));
  },
  // A child that spins, one that is idle, each with a child of its own; prints their pids and stays.
  async family() {
    const pids: number[] = [];
    for (const spins of [true, false]) {
      const worker = await new Harness(openProcessLink(bootUrl)).ready();
      worker.run(1, "grandchild");
      pids.push(worker.link.workerId as number, (await worker.json(1)) as number);
      if (!spins) continue;
      worker.run(2, "spin");
      await worker.until(() => worker.log.includes("started 2"));
    }
    setInterval(() => {}, 1_000);
    console.log(JSON.stringify(pids));
  },
  // The same, but the program ends by itself while they run.
  async familyThenExit() {
    await modes["family"]?.();
    process.exit(0);
  },
  // The same, but by an error that nobody catches.
  async familyThenThrow() {
    await modes["family"]?.();
    throw new RangeError("nobody catches this");
  },
  // Children that end in every way; prints how many were started, and how many of them are still there in whatever state.
  async zombies() {
    const pids: number[] = [];
    for (const way of ["kill", "end", "exit", "oom", "garbage", "reject"]) {
      const worker = await new Harness(openProcessLink(bootUrl), { memoryLimit: 16 }).ready();
      pids.push(worker.link.workerId as number);
      if (way === "kill") worker.link.kill();
      else if (way === "end") worker.link.send({ type: "end" });
      else worker.run(1, way, way === "exit" ? "3" : "text");
      await worker.exit();
    }
    console.log(JSON.stringify({ started: pids.length, left: pids.filter((pid) => existsSync(`/proc/${pid}`)).length }));
  },
  // Opens and ends workers again and again: prints the open descriptors and the resources that hold the program before and after.
  async leaks() {
    const round = async (): Promise<void> => {
      for (const open of [openThreadLink(bootUrl), openProcessLink(bootUrl)]) {
        const worker = await new Harness(open).ready();
        worker.run(1, "echo");
        await worker.outcome(1);
        await worker.kill();
      }
    };
    const held = (): number[] => [
      process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0,
      process.getActiveResourcesInfo().length,
    ];
    // What is opened once (the reaper, the doorbell, the event loop's own) is open after the first rounds.
    for (let i = 0; i < 3; i++) await round();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = held();
    for (let i = 0; i < 8; i++) await round();
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(JSON.stringify({ before, after: held() }));
  },
  // A thread that prints twice, the first time from a preload.
  async preload() {
    const worker = await new Harness(openThreadLink(bootUrl)).ready();
    worker.run(1, "print", "after boot");
    await worker.until(() => worker.output.stdout.includes("preloaded") && worker.output.stdout.includes("after boot"));
    console.log(JSON.stringify(worker.output.stdout));
  },
  // The facts of a worker of each kind, whatever flags this program was started with.
  async flags() {
    const facts = await Promise.all(
      [openThreadLink(bootUrl), openProcessLink(bootUrl)].map(async (open) => {
        const worker = new Harness(open);
        worker.run(1, "facts");
        return worker.json(1);
      }),
    );
    console.log(JSON.stringify(facts));
  },
};

// A hole in the descriptors below 10 would hide a child that finds something else at 3.
closeSync(openSync(process.execPath, "r"));
await modes[process.argv[2] ?? ""]?.();
