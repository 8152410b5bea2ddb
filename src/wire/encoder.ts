// Value to bytes. One pass; each object is numbered when first met, so that a second meeting (a shared reference, a cycle)
// is a number. Everything that runs user code (getters, traps, hooks) happens before the bytes of that value are begun:
// a refused value leaves no trace, which is what lets errors drop a property that cannot travel.
import { NotPortableError, NotSerializableError } from "../contract/errors.ts";
import type { RegisteredClass } from "./classes.ts";
import { registeredByPrototype } from "./classes.ts";
import { encodeArray, encodeBuiltIn } from "./encode-builtins.ts";
import type { EncodeContext } from "./encode-context.ts";
import { EncodeFrame } from "./encode-frame.ts";
import type { KeyNode } from "./key-tree.ts";
import { numberMessage } from "./key-tree.ts";
import { inheritsKeys, KeyWalk } from "./key-walk.ts";
import { builtInKind, platformObject } from "./kinds.ts";
import { ObjectNumbers } from "./object-numbers.ts";
import type { Encoded, EncodeOptions, Handle } from "./options.ts";
import type { Segment } from "./path.ts";
import { formatPath } from "./path.ts";
import * as Tag from "./tags.ts";
import { Transfer } from "./transfer.ts";
import type { Writer } from "./writer.ts";

const UNREADABLE_MESSAGE = "(the message of this error could not be read)";

/** Encodes one value. A lenient one puts `undefined` for whatever cannot travel, the root excepted. */
export class Encoder implements EncodeContext {
  readonly writer: Writer;
  readonly options: EncodeOptions;
  readonly transfer: Transfer;
  readonly laysApart: boolean;
  readonly #lenient: boolean;
  /** Properties are read one by one: a lenient encoder goes on behind one that throws, and a walk over the keys would meet inherited ones. */
  readonly #byName: boolean;
  readonly #numbers = new ObjectNumbers();
  readonly #stack: EncodeFrame[] = [];
  /** Frames that may be used again. */
  readonly #idle: EncodeFrame[] = [];
  readonly #walk = new KeyWalk();
  /** Where the next value that is read ahead goes in `writer.ahead`. */
  #aheadEnd = 0;
  /** Shapes that this message has defined. */
  #shapes = 0;
  readonly #message = numberMessage();
  /** Instances whose class gives their data; nothing inside the data can refer back to them. */
  #unmade: Set<object> | undefined;
  #refusal: NotSerializableError | undefined;

  constructor(writer: Writer, options: EncodeOptions, lenient: boolean) {
    this.writer = writer;
    this.options = options;
    this.#lenient = lenient;
    this.#byName = lenient || inheritsKeys();
    this.transfer = new Transfer(options);
    // What a lenient encoder writes, the reason of a cancel, may be sent to many.
    this.laysApart = (options.sharesMemory === true || options.longBytes !== undefined) && !lenient;
  }

  /** Throws `NotSerializableError` and nothing else. */
  encode(value: unknown): Encoded {
    let bytes: Uint8Array;
    try {
      this.value(value);
      this.#drain();
      bytes = this.writer.take();
    } catch (error) {
      this.writer.ahead.length = 0;
      // Not a comparison alone: user code may throw `undefined`.
      if (this.#refusal !== undefined && error === this.#refusal) throw error;
      const path = this.#path();
      throw new NotSerializableError(`${path} cannot travel: reading it failed, and the cause says why.`, path, { cause: error });
    }
    const attachments = this.transfer.commit();
    if (attachments === undefined) return { bytes, resendable: false };
    const stays = this.options.sharesMemory !== true;
    return { bytes, attachments, resendable: stays || this.transfer.onlyCopies, stays };
  }

  value(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.writer.string(value);
        break;
      case "number":
        this.writer.number(value);
        break;
      case "boolean":
        this.writer.u8(value ? Tag.TRUE : Tag.FALSE);
        break;
      case "undefined":
        this.writer.u8(Tag.UNDEFINED);
        break;
      case "bigint":
        this.writer.bigint(value);
        break;
      case "symbol":
        this.refuse("a symbol; send a string");
        break;
      case "function":
        this.#function(value);
        break;
      default:
        if (value === null) this.writer.u8(Tag.NULL);
        else this.#object(value as object);
    }
  }

  numbered(value: object): boolean {
    return this.#numbers.has(value);
  }

  repeated(value: object): boolean {
    if (!this.#numbers.has(value)) return false;
    if (this.#unmade?.has(value)) {
      this.refuse(
        "a reference back to an object whose class gives its data (`serializable`, `encode`); such data cannot contain the object",
      );
    }
    this.writer.u8(Tag.REFERENCE);
    this.writer.count(this.#numbers.of(value));
    return true;
  }

  begin(tag: number, value: object, as: string | undefined): void {
    if (as !== undefined) {
      this.writer.u8(Tag.INSTANCE);
      this.writer.string(as);
    }
    this.writer.u8(tag);
    this.#numbers.add(value);
  }

  properties(value: object, keys: readonly string[]): void {
    this.writer.count(keys.length);
    if (keys.length > 0) this.open(new EncodeFrame("properties", value, keys, keys.length));
  }

  open(frame: EncodeFrame): void {
    this.#stack.push(frame);
  }

  refuse(what: string, cause?: unknown): never {
    const path = this.#path();
    this.#refusal = new NotSerializableError(`${path} cannot travel: it is ${what}.`, path, cause === undefined ? undefined : { cause });
    throw this.#refusal;
  }

  #path(): string {
    const segments = this.#stack.map((frame) => frame.segment()).filter((segment): segment is Segment => segment !== undefined);
    return formatPath(this.options.root, segments);
  }

  #function(value: object): void {
    if (this.repeated(value)) return;
    const handle = this.#handleOfFunction(value);
    if (handle === undefined) {
      const name: unknown = Object.getOwnPropertyDescriptor(value, "name")?.value;
      const named = typeof name === "string" && name !== "" ? ` (${name})` : "";
      this.refuse(`a function${named}; send data, and let each side call its own functions`);
    }
    this.handle(value, handle);
  }

  #handleOfFunction(value: object): Handle | undefined {
    try {
      return this.options.handles?.toHandle(value);
    } catch (error) {
      if (!(error instanceof NotPortableError)) throw error;
      return this.refuse(`a function that is not portable. ${error.message.replace(/\.$/, "")}`, error);
    }
  }

  #object(value: object): void {
    if (this.repeated(value)) return;
    const prototype: object | null = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) this.#plainObject(value);
    else if (prototype === Array.prototype && Array.isArray(value)) encodeArray(this, value, undefined);
    else if (prototype === null) this.#record(Tag.NULL_PROTOTYPE_OBJECT, value, undefined);
    else this.#instance(value, prototype);
  }

  #instance(value: object, prototype: object): void {
    const handle = this.options.handles?.toHandle(value);
    const registered = registeredByPrototype(prototype);
    if (handle !== undefined) this.handle(value, handle);
    else if (registered?.encode !== undefined || registered?.decode !== undefined) this.#instanceFromData(value, registered);
    else if (!encodeBuiltIn(this, builtInKind(value, prototype), value, registered?.name)) this.#plain(value, prototype, registered?.name);
  }

  #plain(value: object, prototype: object, as: string | undefined): void {
    if (this.transfer.has(value)) {
      this.begin(Tag.ATTACHMENT, value, undefined);
      this.writer.count(this.transfer.attach(value));
      return;
    }
    const reason = as === undefined ? platformObject(value, prototype) : undefined;
    if (reason !== undefined) this.refuse(reason);
    this.#record(Tag.OBJECT, value, as);
  }

  #plainObject(value: object): void {
    if (this.#byName) this.#record(Tag.OBJECT, value, undefined);
    else this.#readAhead(value);
  }

  /** Reads all properties and has them written. */
  #readAhead(value: object): void {
    const walk = this.#walk;
    const base = this.#aheadEnd;
    try {
      walk.read(value, this.writer.ahead, base);
    } catch (error) {
      // A getter threw: its place in the path.
      this.#openAhead("pairs", value, [walk.failedAt], base, base + 1).index = 1;
      throw error;
    }
    const { end, keys, node } = walk;
    const { writer } = this;
    this.#numbers.add(value);
    if (end === base) {
      writer.u8(Tag.OBJECT);
      writer.count(0);
    } else if (keys !== undefined) {
      writer.u8(Tag.OBJECT);
      writer.count(keys.length);
      this.#openAhead("pairs", value, keys, base, end);
    } else {
      this.#shape(node);
      this.#openAhead("values", value, node.keys, base, end);
    }
  }

  #shape(node: KeyNode): void {
    const { writer } = this;
    if (node.message !== this.#message) {
      node.message = this.#message;
      node.number = this.#shapes++;
      writer.bytes(node.definition);
    } else if (node.number < Tag.SMALL_LIMIT) {
      writer.u8(Tag.SMALL_SHAPE | node.number);
    } else {
      writer.u8(Tag.SHAPED);
      writer.count(node.number);
    }
  }

  #openAhead(kind: "values" | "pairs", target: object, keys: readonly string[], base: number, end: number): EncodeFrame {
    const frame = this.#frame(kind, target, keys, end - base);
    frame.base = base;
    this.#aheadEnd = end;
    this.#stack.push(frame);
    return frame;
  }

  #frame(kind: EncodeFrame["kind"], target: object, list: readonly unknown[], length: number): EncodeFrame {
    const frame = this.#idle.pop();
    if (frame === undefined) return new EncodeFrame(kind, target, list, length);
    frame.reuse(kind, target, list, length);
    return frame;
  }

  #record(tag: number, value: object, as: string | undefined): void {
    const keys = Object.keys(value);
    this.begin(tag, value, as);
    this.properties(value, keys);
  }

  #instanceFromData(value: object, registered: RegisteredClass): void {
    const reason = registered.refusal?.(value, this.options.sharesMemory === true);
    if (reason !== undefined) this.refuse(reason);
    const data = registered.encode !== undefined ? registered.encode(value) : { ...value };
    this.begin(Tag.INSTANCE_FROM_DATA, value, undefined);
    this.writer.string(registered.name);
    this.#unmade ??= new Set();
    this.#unmade.add(value);
    this.open(new EncodeFrame("data", value, [data], 1));
  }

  handle(value: object, handle: Handle): void {
    const fields = Object.entries(handle);
    const odd = fields.find(([, field]) => field !== null && (typeof field === "object" || typeof field === "function"));
    if (odd !== undefined) this.refuse(`an object whose handle has a ${odd[0]} that is not a plain value`);
    this.begin(Tag.HANDLE, value, undefined);
    this.writer.count(fields.length);
    for (const [key, field] of fields) {
      this.writer.string(key);
      this.value(field);
    }
  }

  /** Writes the members of every open container, innermost first. */
  #drain(): void {
    const stack = this.#stack;
    for (let depth = stack.length; depth > 0; depth = stack.length) {
      const frame = stack[depth - 1] as EncodeFrame;
      // A member that is a container opens a frame and goes first.
      if (frame.kind === "values" || frame.kind === "pairs") this.#writeAhead(frame, depth);
      else if (frame.kind === "elements" && !this.#lenient) this.#elements(frame, depth);
      else while (frame.index < frame.length && stack.length === depth) this.#member(frame);
      if (stack.length === depth) this.#close(frame);
    }
  }

  #writeAhead(frame: EncodeFrame, depth: number): void {
    const { ahead } = this.writer;
    const { base, length } = frame;
    while (frame.index < length) {
      const index = frame.index++;
      if (frame.kind === "pairs") this.writer.string(frame.list[index] as string);
      const value = ahead[base + index];
      ahead[base + index] = undefined;
      this.value(value);
      if (this.#stack.length !== depth) return;
    }
  }

  #elements(frame: EncodeFrame, depth: number): void {
    const array = frame.target as readonly unknown[];
    while (frame.index < frame.length) {
      this.value(array[frame.index++]);
      if (this.#stack.length !== depth) return;
    }
  }

  #close(frame: EncodeFrame): void {
    if (frame.kind === "values" || frame.kind === "pairs") {
      this.#aheadEnd = frame.base;
      this.#stack.pop();
      this.#idle.push(frame);
      return;
    }
    if (frame.tail !== undefined) {
      this.writer.count(frame.tail.length);
      frame.continueWithTail(frame.tail);
      return;
    }
    if (frame.kind === "error") this.writer.u8(Tag.NO_MORE_PROPERTIES);
    if (frame.kind === "data") this.#unmade?.delete(frame.target);
    this.#stack.pop();
  }

  #member(frame: EncodeFrame): void {
    const index = frame.index++;
    if (frame.kind === "elements") this.#memberValue(this.#read(frame, index));
    else if (frame.kind === "entries" || frame.kind === "members" || frame.kind === "data") this.#memberValue(frame.list[index]);
    else this.#keyed(frame, frame.list[index] as string);
  }

  #keyed(frame: EncodeFrame, key: string): void {
    const value = this.#read(frame, key);
    if (frame.kind === "indices") {
      this.writer.count(Number(key));
    } else {
      if (frame.kind === "error") {
        const enumerable = Object.prototype.propertyIsEnumerable.call(frame.target, key);
        this.writer.u8(enumerable ? Tag.ENUMERABLE_PROPERTY : Tag.HIDDEN_PROPERTY);
      }
      this.writer.string(key);
    }
    this.#memberValue(value);
  }

  #read({ target, kind }: EncodeFrame, key: string | number): unknown {
    if (!this.#lenient) return (target as Record<string, unknown>)[key];
    try {
      return (target as Record<string, unknown>)[key];
    } catch {
      return kind === "error" && key === "message" ? UNREADABLE_MESSAGE : undefined;
    }
  }

  #memberValue(value: unknown): void {
    if (!this.#lenient) {
      this.value(value);
      return;
    }
    const { position } = this.writer;
    const { size } = this.#numbers;
    try {
      this.value(value);
    } catch (error) {
      // Past `begin` only memory can run out, and nothing is left to be lenient with.
      if (this.#numbers.size !== size) throw error;
      this.writer.position = position;
      this.writer.u8(Tag.UNDEFINED);
    }
  }
}
