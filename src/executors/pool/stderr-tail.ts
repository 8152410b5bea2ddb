// The end of what a worker wrote to stderr: what WorkerLostError shows, since it usually says why the worker died.

const maxLength = 4096;

/** Keeps the last 4096 characters. */
export class StderrTail {
  #text = "";

  append(text: string): void {
    this.#text = (this.#text + text).slice(-maxLength);
  }

  toString(): string {
    return this.#text;
  }
}
