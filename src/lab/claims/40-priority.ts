import { spawn } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { execPath, platform } from "node:process";
import { factor } from "../text/units.ts";
import { doesNotHold, experiment, holds, holdsWithALimit, undecided } from "./experiment.ts";
import { ended } from "./peers.ts";

const [computeMs, aheadMs, nicest] = [400, 60, 19] as const;

/** Computes from one instant to another, and tells the processor time it got. */
const source = `process.on("message", ({ from, until }) => {
  while (Date.now() < from);
  const before = process.cpuUsage();
  while (Date.now() < until);
  process.send(process.cpuUsage(before).user / 1000);
});
process.send(0);`;

export const priority = experiment({
  id: 40,
  statement: "The operating system schedules by priority and turns: nice changes a busy process's share of the processor.",
  tried: "Two processes compute on one processor for 0.4 s, one of them with nice 19: first in one session, then each in its own.",
  opposite: "Both with nice 0.",
  async run(_kit, variant) {
    if (platform !== "linux") return { pinned: 0, usualMs: 0, niceMs: 0, apartUsualMs: 0, apartNiceMs: 0 };
    const nice = variant === "claimed" ? nicest : 0;
    const [usualMs, niceMs] = await sharesOf(nice, false);
    const [apartUsualMs, apartNiceMs] = await sharesOf(nice, true);
    return { pinned: usualMs + niceMs > 0 ? 1 : 0, usualMs, niceMs, apartUsualMs, apartNiceMs };
  },
  judge({ pinned, usualMs, niceMs, apartUsualMs, apartNiceMs }) {
    if (pinned === 0) return undecided("Here two processes cannot be made to share one processor.");
    const ratio = usualMs / Math.max(niceMs, 1);
    const apart = apartUsualMs / Math.max(apartNiceMs, 1);
    const seen = `On one processor the usual one got ${factor(ratio)}× the time of the nice one (${Math.round(usualMs)} and ${Math.round(niceMs)} ms)`;
    if (usualMs + niceMs < computeMs / 20) return undecided(`${seen}. Others had the machine.`);
    if (ratio > 2 && apart < 1.5) {
      return holdsWithALimit(
        `${seen}, but ${factor(apart)}× when each had a session of its own: the system shares the processor between sessions first.`,
      );
    }
    if (ratio > 2) return holds(`${seen}, and ${factor(apart)}× when each had a session of its own.`);
    return ratio < 1.5 ? doesNotHold(`${seen}.`) : undecided(`${seen}. Too close to tell.`);
  },
});

/** Processor time of two that compute on one processor at the same time, the second with this `nice`; zeros where none can be pinned. */
async function sharesOf(nice: number, ownSessions: boolean): Promise<readonly [number, number]> {
  const children = [0, nice].map(() =>
    spawn("taskset", ["-c", "0", execPath, "-e", source], { stdio: ["ignore", "ignore", "ignore", "ipc"], detached: ownSessions }),
  );
  try {
    await Promise.all(
      children.map((child) => Promise.race([once(child, "message"), once(child, "exit").then(() => Promise.reject(noPinning))])),
    );
    const [usual, slow] = children;
    if (slow?.pid !== undefined) setPriority(slow.pid, nice);
    const from = Date.now() + aheadMs;
    const shares = children.map(async (child) => {
      const answer = once(child, "message");
      child.send({ from, until: from + computeMs });
      return ((await answer) as [number])[0];
    });
    return usual === undefined ? [0, 0] : ((await Promise.all(shares)) as [number, number]);
  } catch (error) {
    if (error === noPinning || (error as NodeJS.ErrnoException).code === "ENOENT") return [0, 0];
    throw error;
  } finally {
    await Promise.all(children.map((child) => (child.pid === undefined ? undefined : ended(child))));
  }
}

const noPinning = new RangeError("taskset refused the processor");
