// One line on stderr that grows to the right while work goes on and is gone when it is over. Never shown where stderr is not a
// terminal, and not for work that is over within a moment.
import { keepStart } from "../lab/text/layout.ts";
import { style } from "../lab/text/style.ts";
import type { TerminalStream } from "./terminal.ts";

/** Where the bar is drawn. */
export interface ProgressStream extends TerminalStream {
  write(text: string): unknown;
}

/** How the bar looks and keeps time. */
export interface ProgressOptions {
  readonly color: boolean;
  /** Reads a clock in ms. */
  readonly now?: (() => number) | undefined;
}

const redrawMs = 100;
const barColumns = 28;
const eraseLine = "\r\u001b[2K";

/** A progress bar. `update` may be called at any rate; it draws a few times per second. */
export class ProgressBar {
  readonly #stream: ProgressStream;
  readonly #color: boolean;
  readonly #now: () => number;
  readonly #startedAt: number;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #visible = false;

  constructor(stream: ProgressStream, { color, now = () => performance.now() }: ProgressOptions) {
    this.#stream = stream;
    this.#color = color;
    this.#now = now;
    this.#startedAt = now();
  }

  /** Shows that the share `done` (0…1) is over, and in words what goes on. */
  update(done: number, what: string): void {
    if (this.#stream.isTTY !== true) return;
    const now = this.#now();
    if (now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    this.#visible = true;
    this.#stream.write(`${eraseLine}${this.#line(Math.min(1, Math.max(0, done)), what, now - this.#startedAt)}`);
  }

  /** Erases the bar. Idempotent. */
  clear(): void {
    if (!this.#visible) return;
    this.#visible = false;
    this.#stream.write(eraseLine);
  }

  #line(done: number, what: string, elapsedMs: number): string {
    const look = style(this.#color);
    const full = Math.round(done * barColumns);
    const bar = look.good("━".repeat(full)) + look.dim("─".repeat(barColumns - full));
    // an estimate from the first moments would jump about
    const left = done > 0.03 && elapsedMs > 1000 ? ` · ${remaining(elapsedMs / done - elapsedMs)} left` : "";
    const percent = `${Math.floor(done * 100)}%`.padStart(4);
    // a line as wide as the terminal would wrap, and then could not be erased
    const room = (this.#stream.columns ?? 80) - barColumns - percent.length - 6;
    return `  ${bar} ${percent}  ${look.dim(keepStart(`${what}${left}`, Math.max(0, room)))}`;
  }
}

function remaining(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
