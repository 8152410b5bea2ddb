// A container whose members are being read: the mirror of an EncodeFrame.
import type { RegisteredClass } from "./classes.ts";
import { setOwn } from "./own-property.ts";
import type { Segment } from "./path.ts";
import type { Shape } from "./shapes.ts";

/** What a container's members are. */
export type DecodeFrameKind = "values" | "properties" | "elements" | "indices" | "entries" | "members" | "error" | "data";

/** One open container. */
export class DecodeFrame {
  kind: DecodeFrameKind;
  readonly target: object;
  /** Members still to come; an error does not say how many. */
  left: number;
  /** Whether own properties follow the members. */
  tail: boolean;
  /** The number of the object, where it is made only after its data. */
  number = -1;
  registered: RegisteredClass | undefined;
  /** Where the member being read goes: a property, an index, the key of a Map (once read). */
  key: unknown;
  hasKey = false;
  /** Whether the property being read is enumerable. */
  enumerable = true;
  /** Members begun. */
  index = 0;
  /** Of an object that is made when its values are there: its shape, and where they begin among those that wait. */
  shape: Shape | undefined;
  base = 0;
  /** The object, made before that because something in it refers to it. */
  #early: object | undefined;

  constructor(kind: DecodeFrameKind, target: object, left: number, tail: boolean) {
    this.kind = kind;
    this.target = target;
    this.left = left;
    this.tail = tail;
  }

  /** Makes it the frame of an object of a shape. */
  reuse(shape: Shape, base: number, number: number): void {
    this.kind = "values";
    this.shape = shape;
    this.base = base;
    this.number = number;
    this.left = shape.keys.length;
    this.index = 0;
    this.key = undefined;
  }

  /** The object with its keys, before its values are there. */
  makeEarly(): object {
    this.#early = {};
    for (const key of this.shape?.keys ?? []) setOwn(this.#early, key, undefined);
    return this.#early;
  }

  /** The object, now that its values wait; they wait no longer. */
  make(waiting: unknown[]): object {
    const { base } = this;
    const shape = this.shape as Shape;
    const early = this.#early;
    const object = early ?? shape.make(waiting, base);
    for (let index = 0; index < shape.keys.length; index++) {
      if (early !== undefined) setOwn(early, shape.keys[index] as string, waiting[base + index]);
      waiting[base + index] = undefined;
    }
    this.#early = undefined;
    return object;
  }

  /** Puts a member in its place. */
  store(value: unknown): void {
    const { target } = this;
    switch (this.kind) {
      case "properties":
      case "indices":
        setOwn(target, this.key as string | number, value);
        break;
      case "elements":
        (target as unknown[]).push(value);
        break;
      case "members":
        Set.prototype.add.call(target, value);
        break;
      case "error":
        Object.defineProperty(target, this.key as string, { value, writable: true, configurable: true, enumerable: this.enumerable });
        break;
      case "entries":
        if (this.hasKey) Map.prototype.set.call(target, this.key, value);
        else this.key = value;
        this.hasKey = !this.hasKey;
        break;
      case "data":
        this.key = value;
    }
  }

  /** The step from the container to the member being read. */
  segment(): Segment | undefined {
    const current = this.index - 1;
    if (current < 0) return undefined;
    switch (this.kind) {
      case "values":
        return { kind: "property", key: this.shape?.keys[current] as string };
      case "properties":
      case "error":
        return { kind: "property", key: String(this.key) };
      case "elements":
      case "members":
        return { kind: "index", index: current };
      case "indices":
        return { kind: "index", index: this.key as number };
      case "entries": {
        const index = current >> 1;
        return current % 2 === 0 ? { kind: "map-key", index } : { kind: "map-value", index, key: this.key };
      }
      case "data":
        return undefined;
    }
  }
}
