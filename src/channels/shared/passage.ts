// The passage of values through shared memory: bytes by the codec, shared memory in them by the side road.

import type { QueueValue } from "../../memory/queue-asking.ts";
import type { SharedQueue } from "../../memory/shared-queue.ts";
import { thisThread } from "../../memory/this-thread.ts";
import { type DecodeOptions, decode, type EncodeOptions, encode, type Handle } from "../../wire/codec.ts";
import { loadedFunction } from "../../wire/load-function.ts";
import { moduleFunctions } from "../../wire/module-functions.ts";
import { exportedClass, resolveClass } from "../../wire/module-namespaces.ts";
import { referenceInValue } from "../../wire/require-reference.ts";
import { sideRoad } from "./side-road.ts";

const left = new FinalizationRegistry<string>((id) => sideRoad().leave(id));

const toHandle = (object: object): Handle | undefined => {
  const reference = referenceInValue(object);
  return reference && { kind: "function", url: reference.url, name: reference.name };
};
const fromHandle = ({ url, name }: Handle): unknown => {
  const reference = { url: String(url), name: String(name) };
  return loadedFunction(reference) ?? moduleFunctions<Record<string, () => unknown>>(reference.url)[reference.name];
};

const outwards: EncodeOptions = { root: "message", sharesMemory: true, handles: { toHandle }, exportedClass };
const inwards: DecodeOptions = { root: "message", handles: { fromHandle }, resolveClass };

export class Passage {
  readonly #id: string;
  readonly #queue: SharedQueue;

  constructor(id: string, queue: SharedQueue) {
    this.#id = id;
    this.#queue = queue;
    sideRoad().join(id, () => queue.attachments);
    left.register(this, id);
  }

  /** Throws `NotSerializableError` with the path of what cannot travel. */
  pack(value: unknown): QueueValue {
    const { bytes, attachments } = encode(value, outwards);
    const attachment = attachments === undefined || attachments.length === 0 ? 0 : sideRoad().post(this.#id, attachments);
    return { bytes, attachment, thread: thisThread() };
  }

  /** Throws `NotSerializableError` when the value means nothing here, or its shared memory is lost. */
  unpack(value: QueueValue): unknown {
    return decode({ bytes: value.bytes, attachments: this.#fetch(value) }, inwards);
  }

  #fetch(value: QueueValue): readonly unknown[] | undefined {
    const { attachment, thread } = value;
    if (attachment === 0) return undefined;
    try {
      return sideRoad().take(this.#id, thread, attachment);
    } finally {
      this.#queue.fetched(value);
    }
  }
}
