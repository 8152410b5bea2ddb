// Bytes to value: the mirror of the encoder, with a stack of its own as well. The bytes are not trusted: whatever they say,
// the outcome is a value or a `NotSerializableError`, memory is taken only for what is there, and no prototype is changed
// but that of an object made here, to one that is registered or built in.
import { NotSerializableError } from "../contract/errors.ts";
import { registeredByName } from "./classes.ts";
import * as builtins from "./decode-builtins.ts";
import { decodeErrorHead } from "./decode-error.ts";
import { DecodeFrame } from "./decode-frame.ts";
import { borrowScratch, returnScratch } from "./decode-scratch.ts";
import type { DecodeOptions, Encoded } from "./options.ts";
import { setOwn } from "./own-property.ts";
import { ownPrefix, PartAbsent } from "./part-absent.ts";
import type { Segment } from "./path.ts";
import { formatPath } from "./path.ts";
import { Reader } from "./reader.ts";
import { readShape, type Shape } from "./shapes.ts";
import * as Tag from "./tags.ts";

/** Stands for an object that is made later: by its class, or when its values are there. */
const unmade = Symbol("unmade");
const noTarget = Object.freeze({});
const bufferTags = new Set([Tag.REFERENCE, Tag.HANDLE, Tag.ARRAY_BUFFER, Tag.RESIZABLE_ARRAY_BUFFER, Tag.ATTACHMENT]);

/** Decodes one value. A lenient one takes instances of classes that are missing here as plain data. */
export class Decoder {
  readonly #reader: Reader;
  readonly #attachments: readonly unknown[];
  readonly #options: DecodeOptions;
  readonly #lenient: boolean;
  /** By number. An object of a shape is made when all of its values are there; until then its frame stands here. */
  readonly #objects: unknown[] = [];
  readonly #stack: DecodeFrame[] = [];
  /** Shapes that the message has defined. */
  readonly #shapes: Shape[] = [];
  readonly #scratch = borrowScratch();
  /** Where the next value goes among those that wait. */
  #waitingEnd = 0;

  constructor(encoded: Encoded, options: DecodeOptions, lenient: boolean) {
    this.#reader = new Reader(encoded.bytes);
    this.#attachments = encoded.attachments ?? [];
    this.#options = options;
    this.#lenient = lenient;
  }

  /** Throws `NotSerializableError` and nothing else. */
  decode(): unknown {
    // A container of one holds the root, which may come late like any other value.
    const root: unknown[] = [];
    try {
      const holder = new DecodeFrame("elements", root, 1, false);
      this.#stack.push(holder);
      const stack = this.#stack;
      for (let depth = stack.length; depth > 0; depth = stack.length) {
        const frame = stack[depth - 1] as DecodeFrame;
        if (frame.kind === "values") this.#values(frame, depth);
        else if (frame.kind === "elements") this.#elements(frame, depth);
        else while (stack.length === depth) this.#step(frame);
      }
      if (this.#reader.left > 0) this.#reader.corrupt(`${this.#reader.left} bytes are left over`);
    } catch (error) {
      this.#scratch.waiting.length = 0;
      if (error instanceof NotSerializableError) throw error;
      // The platform refused to make something of it: a bad pattern, URL or size.
      this.#reader.corrupt("they hold something that cannot be made", error);
    } finally {
      returnScratch(this.#scratch);
    }
    return root[0];
  }

  #path(): string {
    const segments = this.#stack.slice(1).map((frame) => frame.segment());
    return formatPath(
      this.#options.root ?? "value",
      segments.filter((segment): segment is Segment => segment !== undefined),
    );
  }

  #refuse(what: string, cause?: unknown): never {
    const path = this.#path();
    throw new NotSerializableError(`${path} cannot be decoded: ${what}.`, path, cause === undefined ? undefined : { cause });
  }

  /** Reads values of an object of a shape, until one is a container and goes first. */
  #values(frame: DecodeFrame, depth: number): void {
    const { waiting } = this.#scratch;
    while (frame.left > 0) {
      frame.left--;
      frame.index++;
      const value = this.#value();
      // What is made late is stored late.
      if (value !== unmade) waiting[this.#waitingEnd++] = value;
      if (this.#stack.length !== depth) return;
    }
    this.#finish(frame);
  }

  #finish(frame: DecodeFrame): void {
    const { waiting, idle } = this.#scratch;
    const object = frame.make(waiting);
    this.#waitingEnd = frame.base;
    this.#objects[frame.number] = object;
    this.#stack.pop();
    idle.push(frame);
    this.#deliver(object);
  }

  /** Stores what was made late in the container that is open. */
  #deliver(value: unknown): void {
    const parent = this.#stack.at(-1) as DecodeFrame;
    if (parent.kind === "values") this.#scratch.waiting[this.#waitingEnd++] = value;
    else parent.store(value);
  }

  #elements(frame: DecodeFrame, depth: number): void {
    const array = frame.target as unknown[];
    while (frame.left > 0) {
      frame.left--;
      frame.index++;
      const value = this.#value();
      if (value !== unmade) array.push(value);
      if (this.#stack.length !== depth) return;
    }
    this.#close(frame);
  }

  #step(frame: DecodeFrame): void {
    if (frame.kind === "error") {
      const flag = this.#reader.u8();
      if (flag === Tag.NO_MORE_PROPERTIES) {
        this.#stack.pop();
        return;
      }
      if (flag > Tag.ENUMERABLE_PROPERTY) this.#reader.corrupt("a property of an error is of no known kind");
      frame.enumerable = flag === Tag.ENUMERABLE_PROPERTY;
    } else if (frame.left === 0) {
      this.#close(frame);
      return;
    }
    frame.left--;
    frame.index++;
    if (frame.kind === "properties" || frame.kind === "error") frame.key = this.#reader.string();
    else if (frame.kind === "indices") frame.key = this.#index(frame.target as unknown[]);
    this.#store(frame);
  }

  #store(frame: DecodeFrame): void {
    const value = this.#value();
    // What is made late is stored late, by `#close`.
    if (value !== unmade) frame.store(value);
  }

  #close(frame: DecodeFrame): void {
    if (frame.kind === "data") {
      const made = this.#make(frame);
      this.#stack.pop();
      this.#objects[frame.number] = made;
      this.#deliver(made);
    } else if (frame.tail) {
      frame.kind = "properties";
      frame.left = this.#reader.length(2);
      frame.tail = false;
    } else {
      this.#stack.pop();
    }
  }

  #make({ registered, key: data }: DecodeFrame): unknown {
    if (registered === undefined) return data;
    if (registered.decode === undefined) {
      const instance: object = Object.create(registered.prototype);
      for (const [key, member] of Object.entries(Object(data))) setOwn(instance, key, member);
      return instance;
    }
    try {
      return registered.decode(data);
    } catch (error) {
      return this.#refuse(`\`decode\` of the registered class ${registered.name} threw, and the cause says what`, error);
    }
  }

  #index(array: readonly unknown[]): number {
    const index = this.#reader.count();
    if (index >= array.length) this.#reader.corrupt("an element lies outside its array");
    return index;
  }

  #value(): unknown {
    const tag = this.#reader.u8();
    const primitive = builtins.decodePrimitive(this.#reader, tag);
    if (primitive !== builtins.noPrimitive) return primitive;
    if (tag >= Tag.SMALL_SHAPE && tag < Tag.SMALL_INTEGER) return this.#shaped(this.#shapes[tag - Tag.SMALL_SHAPE]);
    switch (tag) {
      case Tag.SHAPE:
        return this.#shaped(this.#define());
      case Tag.SHAPED:
        return this.#shaped(this.#shapes[this.#reader.count()]);
      case Tag.REFERENCE:
        return this.#reference();
      case Tag.INSTANCE:
        return this.#instance();
      case Tag.INSTANCE_FROM_DATA:
        return this.#instanceFromData();
      default:
        return this.#object(tag, undefined);
    }
  }

  #reference(): unknown {
    const number = this.#reader.count();
    if (number >= this.#objects.length) this.#reader.corrupt("a reference points to no object");
    const object = this.#objects[number];
    // Something inside an object refers to it: it is made now, and filled when its values are there.
    if (object instanceof DecodeFrame) {
      this.#objects[number] = object.makeEarly();
      return this.#objects[number];
    }
    if (object === unmade) this.#reader.corrupt("a reference points to an object that is not made yet");
    return object;
  }

  #shaped(shape: Shape | undefined): unknown {
    if (shape === undefined) return this.#reader.corrupt("a shape is not defined");
    const { length } = shape.keys;
    if (length > this.#reader.left) this.#reader.corrupt("they end too early");
    const frame = this.#scratch.idle.pop() ?? new DecodeFrame("values", noTarget, 0, false);
    frame.reuse(shape, this.#waitingEnd, this.#number(frame));
    this.#stack.push(frame);
    return unmade;
  }

  #define(): Shape {
    const shape = readShape(this.#reader);
    this.#shapes.push(shape);
    return shape;
  }

  #instance(): unknown {
    const name = this.#reader.string();
    const registered = registeredByName(name);
    if (registered === undefined && !this.#lenient) this.#missing(name);
    return this.#object(this.#reader.u8(), registered?.prototype);
  }

  #instanceFromData(): unknown {
    const name = this.#reader.string();
    const registered = registeredByName(name);
    if (registered === undefined && !this.#lenient) this.#missing(name);
    const frame = new DecodeFrame("data", [], 1, false);
    frame.registered = registered;
    frame.number = this.#number(unmade);
    this.#stack.push(frame);
    return unmade;
  }

  #missing(name: string): never {
    this.#refuse(
      `no class is registered here as ${JSON.stringify(name)}; import the module that calls \`serializable\` on this side too`,
      name.startsWith(ownPrefix) ? new PartAbsent(`${name} is not loaded.`) : undefined,
    );
  }

  #number(object: unknown): number {
    return this.#objects.push(object) - 1;
  }

  /** Numbers an object and has its members read. */
  #open<T extends object>(object: T, prototype: object | undefined, frame?: DecodeFrame): T {
    if (prototype !== undefined) Object.setPrototypeOf(object, prototype);
    this.#number(object);
    if (frame !== undefined && (frame.left > 0 || frame.tail)) this.#stack.push(frame);
    return object;
  }

  /** An object with own properties after whatever it was made from. */
  #withProperties<T extends object>(object: T, prototype: object | undefined): T {
    return this.#open(object, prototype, new DecodeFrame("properties", object, this.#reader.length(2), false));
  }

  #object(tag: number, prototype: object | undefined): unknown {
    const reader = this.#reader;
    switch (tag) {
      case Tag.OBJECT:
        return this.#withProperties(prototype === undefined ? {} : Object.create(prototype), undefined);
      case Tag.NULL_PROTOTYPE_OBJECT:
        return this.#withProperties(Object.create(null), prototype);
      case Tag.ARRAY: {
        const array: unknown[] = [];
        return this.#open(array, prototype, new DecodeFrame("elements", array, reader.length(1), false));
      }
      case Tag.SPARSE_ARRAY: {
        const length = reader.count();
        const elements = reader.length(2);
        if (length > 0xffffffff) reader.corrupt("an array is too long");
        const array = builtins.holedArray(length, elements);
        return this.#open(array, prototype, new DecodeFrame("indices", array, elements, true));
      }
      case Tag.MAP: {
        const map = new Map();
        return this.#open(map, prototype, new DecodeFrame("entries", map, 2 * reader.length(2), true));
      }
      case Tag.SET: {
        const set = new Set();
        return this.#open(set, prototype, new DecodeFrame("members", set, reader.length(1), true));
      }
      case Tag.DATE:
        return this.#withProperties(new Date(reader.float()), prototype);
      case Tag.REGEXP:
        return this.#withProperties(builtins.decodeRegExp(reader), prototype);
      case Tag.BOXED:
        return this.#withProperties(builtins.decodeBoxed(reader), prototype);
      case Tag.ERROR: {
        const error = decodeErrorHead(reader, this.#options);
        return this.#open(error, prototype, new DecodeFrame("error", error, Number.POSITIVE_INFINITY, false));
      }
      default:
        return this.#leaf(tag, prototype);
    }
  }

  #leaf(tag: number, prototype: object | undefined): unknown {
    const reader = this.#reader;
    switch (tag) {
      case Tag.URL_OBJECT:
        return this.#open(new URL(reader.string()), prototype);
      case Tag.URL_SEARCH_PARAMS:
        return this.#open(new URLSearchParams(reader.string()), prototype);
      case Tag.ARRAY_BUFFER:
        return this.#open(builtins.decodeArrayBuffer(reader, false), undefined);
      case Tag.RESIZABLE_ARRAY_BUFFER:
        return this.#open(builtins.decodeArrayBuffer(reader, true), undefined);
      case Tag.OWN_BUFFER:
        return this.#open(builtins.decodeOwnBuffer(reader), prototype);
      case Tag.VIEW:
        return this.#view(prototype);
      case Tag.ATTACHMENT: {
        const index = reader.count();
        if (index >= this.#attachments.length) reader.corrupt("an attachment is missing");
        return this.#open(this.#attachments[index] as object, undefined);
      }
      case Tag.HANDLE:
        return this.#handle();
      default:
        return reader.corrupt(`0x${tag.toString(16).padStart(2, "0")} is the tag of nothing`);
    }
  }

  #view(prototype: object | undefined): object {
    const header = builtins.decodeViewHeader(this.#reader);
    const number = this.#number(unmade);
    const tag = this.#reader.u8();
    if (!bufferTags.has(tag)) this.#reader.corrupt("a view is not over a buffer");
    const buffer = tag === Tag.REFERENCE ? this.#reference() : this.#leaf(tag, undefined);
    const view = builtins.makeView(this.#reader, header, buffer);
    if (prototype !== undefined) Object.setPrototypeOf(view, prototype);
    this.#objects[number] = view;
    return view;
  }

  #handle(): unknown {
    const handle = builtins.decodeHandle(this.#reader);
    const { handles } = this.#options;
    if (handles === undefined && !this.#lenient) this.#refuse(`a reference to a ${handle.kind} has no meaning here`);
    let object: unknown;
    try {
      object = handles?.fromHandle(handle);
    } catch (error) {
      if (!this.#lenient) this.#refuse(`what the ${handle.kind} stands for was not found, and the cause says why`, error);
    }
    this.#number(object);
    return object;
  }
}
