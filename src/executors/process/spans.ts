// Spans of a file: which stretches of it are in use. First fit, neighbours joined: there are as many stretches as long values under way, a
// handful, so a sorted list beats anything cleverer.

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans begin and end at pages, so that two never share one. */
const pageBytes = 4096;

export class Spans {
  /** How long the file may become, in bytes. */
  most: number;
  /** Between those in use, in order; none at the end. */
  #holes: Span[] = [];
  readonly #used = new Map<number, number>();
  #end = 0;

  /** Of a file of `most` bytes. */
  constructor(most: number) {
    this.most = most;
  }

  /** Bytes up to the last span in use. */
  get end(): number {
    return this.#end;
  }

  get isEmpty(): boolean {
    return this.#used.size === 0;
  }

  /** Where so many bytes may lie; `undefined` when there is no room. */
  take(bytes: number): number | undefined {
    const needed = Math.ceil(bytes / pageBytes) * pageBytes;
    const index = this.#holes.findIndex(({ start, end }) => end - start >= needed);
    const hole = this.#holes[index];
    const start = hole?.start ?? this.#end;
    if (hole === undefined) {
      if (start + needed > this.most) return undefined;
      this.#end = start + needed;
    } else if (hole.end - start === needed) this.#holes.splice(index, 1);
    else this.#holes[index] = { start: start + needed, end: hole.end };
    this.#used.set(start, start + needed);
    return start;
  }

  /** It is not in use any more. False when no span in use begins there. */
  giveBack(start: number): boolean {
    const end = this.#used.get(start);
    if (end === undefined) return false;
    this.#used.delete(start);
    let index = this.#holes.findIndex((hole) => hole.start > start);
    if (index < 0) index = this.#holes.length;
    const before = this.#holes[index - 1];
    const behind = this.#holes[index];
    const joinsBefore = before?.end === start;
    const joinsBehind = behind?.start === end;
    const joined = { start: joinsBefore ? before.start : start, end: joinsBehind ? behind.end : end };
    this.#holes.splice(joinsBefore ? index - 1 : index, Number(joinsBefore) + Number(joinsBehind), joined);
    if (joined.end === this.#end) {
      this.#end = joined.start;
      this.#holes.pop();
    }
    return true;
  }
}
