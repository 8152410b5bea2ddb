// Keyed lines: what waits for one worker and no other. A key means a place of the roster, whichever worker stands there, so equal
// keys meet the same worker for as long as that lives, and its replacement afterwards.
import { Injector } from "./injector.ts";
import type { Run } from "./run.ts";

/** What a key may be. */
export type Key = string | number;

export class KeyedLines {
  readonly #places: number;
  readonly #lines: (Injector<Run> | undefined)[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /** Runs in all lines. */
  get length(): number {
    let length = 0;
    for (const line of this.#lines) length += line?.length ?? 0;
    return length;
  }

  /** The line of a place, if anybody ever stood there. */
  at(place: number): Injector<Run> | undefined {
    return this.#lines[place];
  }

  /** The place that a key means. */
  placeOf(key: Key): number {
    let hash = 0;
    for (const character of String(key)) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
    return hash % this.#places;
  }

  /** The line for a key, made now if need be. */
  lineOf(key: Key): Injector<Run> {
    const place = this.placeOf(key);
    this.#lines[place] ??= new Injector<Run>();
    return this.#lines[place];
  }

  /** Lines that somebody stands in, each with its place. */
  *occupied(): Generator<readonly [line: Injector<Run>, place: number]> {
    for (const [place, line] of this.#lines.entries()) if (line !== undefined && line.length > 0) yield [line, place];
  }
}
