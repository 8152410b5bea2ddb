// The steps of a fair semaphore, for the tasks and the blocking calls of this thread.
import type { Guard } from "../../contract/sync.ts";
import { EXPIRED, ORPHANED, TAKEN } from "../../memory/futex-mutex.ts";
import { partyIn } from "../../memory/party.ts";
import { TAKEN_TO_REPAIR, type TurnSemaphore } from "../../memory/turn-semaphore.ts";
import { WAITING } from "../../memory/waiting-line.ts";
import type { AcquirerTarget } from "./acquirer.ts";
import type { Request, Taking } from "./task-line.ts";
import { Sleeper } from "./watch.ts";

export class TurnTarget<G extends Guard> implements AcquirerTarget<G> {
  readonly exclusive: boolean;
  readonly waitingFor: string;
  readonly #semaphore: TurnSemaphore;
  readonly #makeGuard: (permits: number, repairing: boolean) => G;
  #sleeper: Sleeper | undefined;

  constructor(waitingFor: string, semaphore: TurnSemaphore, exclusive: boolean, makeGuard: (permits: number, repairing: boolean) => G) {
    this.waitingFor = waitingFor;
    this.exclusive = exclusive;
    this.#semaphore = semaphore;
    this.#makeGuard = makeGuard;
  }

  get lock(): object {
    return this.#semaphore;
  }

  get lost(): number {
    return this.#semaphore.lost;
  }

  nameOf(thread: number): string {
    return partyIn(this.#semaphore.line.words.buffer).nameOf(thread);
  }

  tryTake({ permits, repairing }: Request): number {
    return repairing ? EXPIRED : this.#semaphore.tryTake(permits);
  }

  takeSync({ permits, repairing }: Request, timeoutMs: number): number {
    return this.#semaphore.takeSync(permits, timeoutMs, repairing);
  }

  begin({ permits, repairing }: Request, wake: () => void): Taking {
    const semaphore = this.#semaphore;
    this.#sleeper ??= new Sleeper(semaphore.line.words, wake);
    const sleeper = this.#sleeper;
    let place = 0;
    return {
      attempt: () => {
        for (;;) {
          if (place === 0) {
            const outcome = semaphore.begin(permits, repairing);
            if (outcome <= 0) return outcome;
            place = outcome;
          }
          if (semaphore.waits(place)) {
            if (sleeper.sleep(semaphore.line.indexOf(place), WAITING)) return place;
            continue;
          }
          const outcome = semaphore.finish(place);
          place = 0;
          if (outcome !== ORPHANED || !repairing) return outcome;
        }
      },
      look: () => semaphore.look(),
      abandon: () => {
        if (place > 0 && semaphore.finish(place) === TAKEN) semaphore.release(permits);
      },
    };
  }

  grant({ permits }: Request, outcome: number): G {
    return this.#makeGuard(permits, outcome === TAKEN_TO_REPAIR);
  }

  /** The wake-up was for a place, and the place has been left. */
  strayWake(): void {}
}
