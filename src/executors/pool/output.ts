// Output of workers: each line tagged with the worker's name, passed on raw, or dropped.

type Stream = "stdout" | "stderr";

/** The longest line that is held back until it ends, in characters: a worker that never writes an end of line must not fill this
 *  program's memory. A longer one goes on in another line, with the tag. */
export const longestLine = 2 ** 20;

/** Passes the output of one worker on. */
export class Output {
  readonly #mode: "tag" | "inherit" | "ignore";
  readonly #tag: string;
  /** Lines not finished yet, by stream: a tag belongs to a whole line, and two workers must not share one. */
  readonly #open = { stdout: "", stderr: "" };

  constructor(mode: "tag" | "inherit" | "ignore", worker: string) {
    this.#mode = mode;
    this.#tag = `[${worker}] `;
  }

  /** `text` may begin and end anywhere in a line, but not within a character. */
  write(stream: Stream, text: string): void {
    if (this.#mode === "ignore") return;
    if (this.#mode === "inherit") {
      process[stream].write(text);
      return;
    }
    let out = "";
    let start = 0;
    // What is open is put together only once its end has come: a line that comes in a thousand pieces is not copied a thousand times.
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      out += `${this.#cut(this.#open[stream] + text.slice(start, end), stream)}${this.#tag}${this.#open[stream]}\n`;
      this.#open[stream] = "";
      start = end + 1;
    }
    out += this.#cut(this.#open[stream] + text.slice(start), stream);
    if (out !== "") process[stream].write(out);
  }

  /** The worker is gone: what it left unfinished is a line now. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#open[stream] !== "") this.write(stream, "\n");
    }
  }

  /** Makes a line the open one, and gives what of it is too long to wait for its end, as lines. */
  #cut(line: string, stream: Stream): string {
    let out = "";
    let rest = line;
    while (rest.length > longestLine) {
      // Both halves of a character stay together.
      const isHalf = (rest.charCodeAt(longestLine - 1) & 0xfc00) === 0xd800;
      const length = isHalf ? longestLine - 1 : longestLine;
      out += `${this.#tag}${rest.slice(0, length)}\n`;
      rest = rest.slice(length);
    }
    this.#open[stream] = rest;
    return out;
  }
}
