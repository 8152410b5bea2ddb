// The vigil over a child that is silent although it has work: has it taken up what it was sent, and is it stopped? A child that
// computes is silent too, so silence alone says nothing: the system is asked (process-state.ts).
//
// Stopped means found stopped several times in a row without a tick of processor time between them: looks, and not time, are counted,
// so that a program or a machine that slept itself accuses nobody, nor does a tool that slows a process down by stopping it in turns.
import { stateOf } from "./process-state.ts";

/** Silence after which it is asked which runs the child has begun; then after twice as long, until `lookMs`. */
const silentMs = 10;
/** Between two looks at its state. */
const lookMs = 300;
/** Looks that find it stopped. */
const looksToTell = 4;

/** What a vigil asks of its link. */
export interface Watched {
  readonly pid: number;
  /** It has been sent something that it has not answered. */
  readonly hasWork: boolean;
  /** What was sent ahead may have been begun; called again and again while the silence lasts. */
  onSilent(): void;
  onStopped(): void;
}

export class Vigil {
  readonly #watched: Watched;
  #timer: NodeJS.Timeout | undefined;
  #heard = true;
  #pauseMs = silentMs;
  #nextAskMs = 0;
  #nextLookMs = 0;
  #stoppedLooks = 0;
  #cpuTicks = -1;
  readonly #tendNow = () => {
    this.#timer = undefined;
    this.tend();
    this.begin();
  };

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Something has come from the child. */
  heard(): void {
    this.#heard = true;
  }

  /** Watches for as long as there is work; costs nothing when it does already. */
  begin(): void {
    if (this.#timer !== undefined || !this.#watched.hasWork) return;
    this.#timer = setTimeout(this.#tendNow, this.#pauseMs).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** What is due; also called while the event loop stands still, when no timer can. */
  tend(): void {
    const now = performance.now();
    if (this.#heard || !this.#watched.hasWork) {
      this.#heard = false;
      this.#stoppedLooks = 0;
      this.#pauseMs = silentMs;
      this.#nextAskMs = now + silentMs;
      this.#nextLookMs = now + lookMs;
      return;
    }
    if (now >= this.#nextAskMs) {
      this.#pauseMs = Math.min(lookMs, 2 * this.#pauseMs);
      this.#nextAskMs = now + this.#pauseMs;
      this.#watched.onSilent();
    }
    if (now < this.#nextLookMs) return;
    this.#nextLookMs = now + lookMs;
    const state = stateOf(this.#watched.pid);
    const isStopped = state?.condition === "stopped" && (this.#stoppedLooks === 0 || state.cpuTicks === this.#cpuTicks);
    this.#stoppedLooks = isStopped ? this.#stoppedLooks + 1 : 0;
    this.#cpuTicks = state?.cpuTicks ?? -1;
    if (this.#stoppedLooks >= looksToTell) this.#watched.onStopped();
  }
}
