// A schedule: one interleaving as text, short enough to paste into a test. `brg1:0x4.1x3.~0.1` reads: thread 0 takes four steps,
// thread 1 three, the wait of thread 0 times out, thread 1 goes on.

declare const scheduleBrand: unique symbol;
/** An interleaving as text that can be pasted into a test. */
export type Schedule = string & { readonly [scheduleBrand]: true };

/** One step of a schedule. */
export interface ScheduleStep {
  readonly thread: number;
  /** Its wait times out, instead of a step of its own. */
  readonly timesOut: boolean;
}

const prefix = "brg1:";
const token = /^(~?)(\d{1,3})(?:x(\d{1,6}))?$/;

/** The steps as text, equal ones counted together. */
export function formatSchedule(steps: readonly ScheduleStep[]): Schedule {
  const parts: string[] = [];
  for (let at = 0; at < steps.length; ) {
    const { thread, timesOut } = steps[at] as ScheduleStep;
    let end = at + 1;
    while (steps[end]?.thread === thread && steps[end]?.timesOut === timesOut) end++;
    parts.push(`${timesOut ? "~" : ""}${thread}${end - at > 1 ? `x${end - at}` : ""}`);
    at = end;
  }
  return `${prefix}${parts.join(".")}` as Schedule;
}

/** A schedule from text; throws `TypeError` when it is not one. Never waits.
 *
 *  @example
 *  ```ts
 *  const schedule = parseSchedule("brg1:0x4.1x3.~0.1");
 *  ```
 */
export function parseSchedule(text: string): Schedule {
  stepsOf(text as Schedule);
  return text as Schedule;
}

/** The steps of a schedule; throws `TypeError` for a text that is none. */
export function stepsOf(schedule: Schedule): ScheduleStep[] {
  if (typeof schedule !== "string" || !schedule.startsWith(prefix)) {
    throw new TypeError(`A schedule is a text that begins with "${prefix}", such as the one in the failure of an exploration.`);
  }
  const body = schedule.slice(prefix.length);
  return (body === "" ? [] : body.split(".")).flatMap((part) => {
    const [, timesOut, thread, count] = token.exec(part) ?? [];
    if (thread === undefined) throw new TypeError(`"${part}" is no part of a schedule; "0", "1x3" and "~0" are.`);
    return Array.from({ length: Number(count ?? 1) }, () => ({ thread: Number(thread), timesOut: timesOut === "~" }));
  });
}
