// Output of workers: each line tagged with the worker's name, passed on raw, or dropped.

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

  write(stream: "stdout" | "stderr", text: string): void {
    if (this.#mode === "ignore") return;
    if (this.#mode === "inherit") {
      process[stream].write(text);
      return;
    }
    const lines = (this.#open[stream] + text).split("\n");
    this.#open[stream] = lines.pop() ?? "";
    if (lines.length > 0) process[stream].write(lines.map((line) => `${this.#tag}${line}\n`).join(""));
  }

  /** The worker is gone: what it left unfinished is a line now. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#open[stream] !== "") this.write(stream, "\n");
    }
  }
}
