// A program that can start nothing more for a time, as `starved.test.ts` arranges it: `files` (it holds all descriptors it may have) or
// `processes` (the system gives its user none). Prints, in lines of JSON, what becomes of pools.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync } from "node:fs";
import { isMainLevel, openProcesses, portable } from "../../../src/runtime/index.ts";

export const double = portable("double", (n: number) => n * 2);

/** How a task ends on a pool of its own, and why. */
async function attempt(): Promise<{ readonly ended: string; readonly why?: string | undefined; readonly code?: unknown }> {
  const pool = openProcesses({ size: 1, stdio: "ignore" });
  try {
    return { ended: String(await pool.run(double, 4)) };
  } catch (error) {
    const { name, cause } = error as Error & { cause?: Error & { cause?: NodeJS.ErrnoException } };
    return { ended: name, why: cause?.message, code: cause?.cause?.code };
  } finally {
    await pool.close();
  }
}

const say = (value: unknown): void => console.log(JSON.stringify(value));
const limit = (what: string): void => {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(process.pid), what], { encoding: "utf8" });
  if (status !== 0) throw new RangeError(`prlimit ${what}: ${stderr}`);
};

const descriptors = (): number => readdirSync("/proc/self/fd").length;

/** Takes every descriptor there is, gives some back, and tries; so the start fails at one step after the other. Gives how many
 *  descriptors are open then that were not before. */
async function withFewLeft(attemptWith: (left: number) => Promise<void>): Promise<number> {
  const before = descriptors();
  for (const left of [0, 1, 2, 3, 4, 5, 6, 7, 8, 30]) {
    const taken: number[] = [];
    try {
      for (;;) taken.push(openSync("/dev/null", "r"));
    } catch {
      // That was the last.
    }
    for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
    await attemptWith(left);
    for (const descriptor of taken) closeSync(descriptor);
  }
  return descriptors() - before;
}

async function starveOfFiles(): Promise<void> {
  limit("--nofile=200");
  const attempts: unknown[] = [];
  const leaked = await withFewLeft(async (left) => {
    attempts.push({ left, ...(await attempt()) });
  });
  // At one step of it Node's own `spawn` loses the pipes that it has made so far.
  const leakedByNode = await withFewLeft(async () => {
    const child = spawn("/bin/true", { stdio: ["ignore", "pipe", "pipe", "pipe"] });
    await new Promise((resolve) => child.on("error", resolve).on("close", resolve));
  });
  say({ attempts, leaked, leakedByNode });
}

async function starveOfProcesses(): Promise<void> {
  // The limit holds for anybody but root, and counts all that a user has.
  if (process.getuid?.() === 0) {
    process.setgid?.(65_534);
    process.setuid?.(65_534);
  }
  limit("--nproc=0:4000");
  say(await attempt());
  const end = performance.now() + 30_000;
  for (let last = await attempt(); ; last = await attempt()) {
    if (last.ended !== "8" && performance.now() < end) continue;
    say(last);
    break;
  }
}

// What is loaded once, and the reaper, come before the shortage; without them in the last case.
if (isMainLevel()) {
  if (process.argv[3] !== "from the start") await attempt();
  await (process.argv[2] === "files" ? starveOfFiles() : starveOfProcesses());
}
