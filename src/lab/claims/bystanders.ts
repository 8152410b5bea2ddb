// Who else lives on the event loop: a coroutine and a timer that count each millisecond in which they get a turn.
import { sleep } from "../../core/waiting.ts";
import type { Kit } from "./kit.ts";

/** Turns so far. */
export interface Turns {
  readonly coroutine: number;
  readonly timer: number;
}

/** A coroutine and a timer that count their turns. */
export interface Bystanders {
  turns(): Turns;
  leave(): Promise<void>;
}

/** Resolves when both have had a turn. */
export async function bystanders({ coroutines }: Pick<Kit, "coroutines">): Promise<Bystanders> {
  let [coroutine, timer] = [0, 0];
  const interval = setInterval(() => timer++, 1);
  const task = coroutines.run(async () => {
    for (;;) {
      await sleep(1);
      coroutine++;
    }
  });
  while (coroutine === 0 || timer === 0) await sleep(1);
  return {
    turns: () => ({ coroutine, timer }),
    async leave() {
      clearInterval(interval);
      await task.stop();
    },
  };
}

/** The turns between two looks. */
export function between(before: Turns, after: Turns): { readonly coroutineTurns: number; readonly timerTurns: number } {
  return { coroutineTurns: after.coroutine - before.coroutine, timerTurns: after.timer - before.timer };
}

/** `the other coroutine had 3 turns, the timer 2`. */
export function turnsSeen({ coroutineTurns, timerTurns }: ReturnType<typeof between>): string {
  return `the other coroutine had ${coroutineTurns} ${coroutineTurns === 1 ? "turn" : "turns"}, the timer ${timerTurns}`;
}
