// A container whose members are being written. The encoder keeps these on a stack of its own, not on the call stack, so
// that depth is bounded by memory alone and is the same in a thread with a small stack.
import type { Segment } from "./path.ts";

/** What a container's members are. */
export type FrameKind = "values" | "pairs" | "properties" | "elements" | "indices" | "entries" | "members" | "error" | "data";

/** One open container. */
export class EncodeFrame {
  kind: FrameKind;
  /** The container. */
  target: object;
  /** Property names, or a snapshot of the entries of a Map or Set; unused for elements. */
  list: readonly unknown[];
  length: number;
  /** The next member. */
  index = 0;
  /** Own properties that follow the members. */
  tail: readonly string[] | undefined;
  /** Where its values begin among those that were read ahead (`values`, `pairs`). */
  base = 0;

  constructor(kind: FrameKind, target: object, list: readonly unknown[], length: number, tail?: readonly string[]) {
    this.kind = kind;
    this.target = target;
    this.list = list;
    this.length = length;
    this.tail = tail;
  }

  /** Makes it the frame of another container. */
  reuse(kind: FrameKind, target: object, list: readonly unknown[], length: number): void {
    this.kind = kind;
    this.target = target;
    this.list = list;
    this.length = length;
    this.index = 0;
  }

  /** Goes on with the properties that follow. */
  continueWithTail(tail: readonly string[]): void {
    this.kind = "properties";
    this.list = tail;
    this.length = tail.length;
    this.index = 0;
    this.tail = undefined;
  }

  /** The step from the container to the member being written. */
  segment(): Segment | undefined {
    const current = this.index - 1;
    if (current < 0) return undefined;
    switch (this.kind) {
      case "values":
      case "pairs":
      case "properties":
      case "error":
        return { kind: "property", key: this.list[current] as string };
      case "elements":
      case "members":
        return { kind: "index", index: current };
      case "indices":
        return { kind: "index", index: Number(this.list[current]) };
      case "entries": {
        const index = current >> 1;
        return current % 2 === 0 ? { kind: "map-key", index } : { kind: "map-value", index, key: this.list[current - 1] };
      }
      case "data":
        return undefined;
    }
  }
}
