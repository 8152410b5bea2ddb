// A stall of the event loop in words.
import { messageOf } from "../../contract/errors.ts";
import type { Finding } from "../finding.ts";
import { builtinCalled, describeFrame, guiltyFrame, programFrames } from "../stack.ts";
import type { StallNote } from "./words.ts";

/** A stack that was asked for is there within some 20 ms; later than this it had to wait for native code. */
const lateMs = 100;

/** Why a stall that was short has no stack. */
export const overAlready = "it was over before it could be read";

/** The finding for a stall that is over. */
export function stall(blockedMs: number, worker: string, note: Omit<StallNote, "beat">): Finding {
  // The first code that ran after it was the heartbeat: that is how its end is noticed, and no part of it.
  const known = note.stack?.includes("brigadeHeartbeat") ? { ...note, stack: undefined, why: overAlready } : note;
  return finding(Math.round(blockedMs), worker, known, `The event loop stood still for ${Math.round(blockedMs)} ms`);
}

/** The same for one that is not over, told by the watchdog. */
export function endlessStall(blockedMs: number, note: Omit<StallNote, "beat"> | undefined): Finding {
  const known = note ?? {
    stack: undefined,
    task: undefined,
    lateMs: 0,
    why: "the main thread runs native code, which cannot be interrupted",
  };
  return finding(Math.round(blockedMs), "main", known, `The event loop has stood still for ${Math.round(blockedMs)} ms, and still does`);
}

function finding(blockedMs: number, worker: string, note: Omit<StallNote, "beat">, what: string): Finding {
  const stack = note.stack === undefined ? "" : programFrames(note.stack);
  const guilty = guiltyFrame(stack);
  const where = guilty === undefined ? "" : ` in ${describeFrame(guilty)}`;
  const caveat =
    note.stack === undefined
      ? ` Its stack is unavailable, because ${note.why}.`
      : note.lateMs >= lateMs
        ? ` The stack was captured ${Math.round(note.lateMs)} ms after it was asked for, when native code had returned: the guilty call may be the one before.`
        : "";
  return {
    code: "blocked-loop",
    blockedMs,
    message: `${what}${where}: no timer, socket or coroutine could run.${caveat}`,
    fix: fixFor(note.stack, guilty?.name),
    stack,
    worker,
    task: note.task,
  };
}

function fixFor(stack: string | undefined, guilty: string | undefined): string {
  const called = stack === undefined ? undefined : builtinCalled(stack)?.replace(/^.*\./, "");
  const move = `await threads.run(${guilty !== undefined && /^[\w$]+$/.test(guilty) ? guilty : "work"}, …)`;
  return called?.endsWith("Sync")
    ? `Call ${called.slice(0, -"Sync".length)} instead of ${called}, or move the work to a thread: ${move}.`
    : `Move the work to a thread: ${move}; or give the loop its turns with await checkpoint() in a long loop.`;
}

/** What an error says, on one line. */
export function firstLine(error: unknown): string {
  return (messageOf(error) ?? "unknown").split("\n", 1)[0] ?? "";
}
