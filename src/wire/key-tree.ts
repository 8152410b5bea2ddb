// The keys of plain objects as a tree, key by key in their order: an encoder walks from the root and comes to the node that stands for
// the whole list. So a list of keys is found without hashing or comparing it, and the bytes that define it are made once in the life of
// the thread. Growth is bounded: where objects are used as dictionaries there is no end of lists, and none of them comes again.
import * as Tag from "./tags.ts";
import { Writer } from "./writer.ts";

/** Nodes of one tree. A full one learns nothing until as many keys were missed as `patience` trees have nodes; then a new one begins. */
const mostNodes = 8_192;
const patience = 4;
/** Objects with more keys, or longer ones, are dictionaries rather than records. */
const mostKeys = 48;
const longestKey = 128;

/** A list of keys: those of its parent and one more. */
export class KeyNode {
  /** Where the walk went from here the last time, which is where it mostly goes. */
  lastKey: string | undefined;
  last: KeyNode | undefined;
  /** Number of the message that defines the list, and the number that it has there. */
  message = 0;
  number = 0;
  readonly #parent: KeyNode | undefined;
  readonly #key: string;
  readonly #depth: number;
  #branches: Map<string, KeyNode> | undefined;
  #keys: readonly string[] | undefined;
  #definition: Uint8Array | undefined;

  constructor(parent: KeyNode | undefined, key: string) {
    this.#parent = parent;
    this.#key = key;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
  }

  /** The list with one more key; `undefined` when it is not learnt. */
  follow(key: string): KeyNode | undefined {
    let next = this.#branches?.get(key);
    if (next === undefined) {
      if (this.#depth === mostKeys || key.length > longestKey || isFull()) return undefined;
      next = new KeyNode(this, key);
      nodes++;
      this.#branches ??= new Map();
      this.#branches.set(key, next);
    }
    this.lastKey = key;
    this.last = next;
    return next;
  }

  /** The list. */
  get keys(): readonly string[] {
    if (this.#keys === undefined) {
      const keys: string[] = [];
      for (let node: KeyNode = this; node.#parent !== undefined; node = node.#parent) keys.push(node.#key);
      this.#keys = keys.reverse();
    }
    return this.#keys;
  }

  /** The bytes that define it in a message: tag, hash, count of bytes, then as many bytes: the keys. */
  get definition(): Uint8Array {
    this.#definition ??= define(this.keys);
    return this.#definition;
  }
}

let root = new KeyNode(undefined, "");
let nodes = 0;
let missed = 0;

/** The empty list, where every walk begins. */
export function noKeys(): KeyNode {
  return root;
}

function isFull(): boolean {
  if (nodes < mostNodes) return false;
  if (++missed > mostNodes * patience) {
    // Walks under way go on in the old tree, which is garbage after them.
    root = new KeyNode(undefined, "");
    nodes = 0;
    missed = 0;
  }
  return true;
}

let messages = 0;

/** A number for a message, by which it knows the lists that it has defined. */
export function numberMessage(): number {
  return ++messages;
}

/** No code of the user runs while this one is in use. */
const scratch = new Writer();

function define(keys: readonly string[]): Uint8Array {
  scratch.position = 0;
  scratch.count(keys.length);
  for (const key of keys) scratch.string(key);
  const list = scratch.take();
  scratch.position = 0;
  scratch.u8(Tag.SHAPE);
  scratch.u32(hashOf(list));
  scratch.count(list.length);
  scratch.bytes(list);
  return scratch.take();
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
