// Settings that pipes and sockets have in common, and how they are called in errors and wherever brigade says what a task waits for.
import { checkCount } from "../core/durations.ts";

/** What both ends know of what lies between them. */
export interface WireSettings {
  /** In words, such as `the pipe "rows"`. */
  readonly title: string;
  /** Bytes of one value, as the codec writes it. */
  readonly maxValueBytes: number;
}

/** Settings of a pipe or a socket. */
export interface WireOptions {
  /** Shown in errors and wherever brigade says what a task waits for. */
  readonly name?: string | undefined;
  /** Bytes that one value may take; default 64 MiB. A longer one is refused where it is sent, and taken for garbage where it arrives: both
   *  sides of a socket should have the same. */
  readonly maxValueBytes?: number | undefined;
}

/** The settings, checked. */
export function checkWireOptions(kind: string, { name, maxValueBytes = 2 ** 26 }: WireOptions): WireSettings {
  checkCount("The option maxValueBytes", maxValueBytes, 1);
  return { title: name === undefined ? `a ${kind}` : `the ${kind} ${JSON.stringify(name)}`, maxValueBytes };
}

/** At the beginning of a sentence. */
export function capitalized(title: string): string {
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
}
