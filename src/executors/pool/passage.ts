// The passage of values: the codec with brigade's own travellers. Executors, AbortSignals and portable functions go as
// handles; classes of errors are looked for among the exports of the modules that tasks come from.
//
// An encoded value is not tied to a link: handle names are unique on this thread. Whoever sends it to a worker then
// forwards the aborts of the signals in it (`SignalRelay`) for as long as the task lives.

import { types } from "node:util";
import type { Transferable } from "node:worker_threads";
import type { Executor } from "../../contract/executor.ts";
import { listenToSignal, type SignalListener, stopListening } from "../../core/signals.ts";
import { openReference, type SegmentReference, segmentReference } from "../../memory/segment/travel.ts";
import { decode, decodeError, type Encoded, encode, encodeError, type Handle } from "../../wire/codec.ts";
import { loadedFunction } from "../../wire/load-function.ts";
import { moduleFunctions } from "../../wire/module-functions.ts";
import { exportedClass, resolveClass } from "../../wire/module-namespaces.ts";
import { PartAbsent } from "../../wire/part-absent.ts";
import { encoded, notPlain, type Payload, plainValue, readPlain } from "../../wire/plain.ts";
import { referenceInValue } from "../../wire/require-reference.ts";
import { transferOf } from "../../wire/transfer-out.ts";
import { channelRoads } from "./channel-roads.ts";
import type { AbortFrame } from "./frames.ts";

const signalNumbers = new WeakMap<AbortSignal, number>();
let lastSignal = 0;

/** Executors that can be named to the other side. */
export interface ExecutorDirectory {
  /** The name of an executor of this thread, given now if it has none; `undefined` for anything else. */
  nameOf(object: object): string | undefined;
  /** The executor that a name from the other side means here. */
  find(name: string): Executor | undefined;
}

let directory: ExecutorDirectory | undefined;

/** The runtime, which knows all levels, says how executors are named. */
export function setExecutorDirectory(next: ExecutorDirectory): void {
  directory = next;
}

/** The executor that a name from the other side means here. Throws `PartAbsent` where there is no directory yet. */
export function executorNamed(name: string): Executor | undefined {
  if (directory === undefined) throw new PartAbsent(`The executor ${name} is not known on this thread: its executors are not loaded.`);
  return directory.find(name);
}

/** The number under which a signal travels. */
export function signalNumber(signal: AbortSignal): number {
  let number = signalNumbers.get(signal);
  if (number === undefined) {
    number = ++lastSignal;
    signalNumbers.set(signal, number);
  }
  return number;
}

/** What payloads mention lives for as long as they do: they may be all that has a channel, until the other side has it. */
const underWay = new WeakMap<object, readonly unknown[]>();

/** Before it goes to the side above: channels in it move there. Throws `NotSerializableError` for one that cannot. */
export function goesUp<T extends Pick<Outgoing, "channels">>(outgoing: T): T {
  if (outgoing.channels !== undefined) channelRoads()?.rise(outgoing.channels);
  return outgoing;
}

/** An encoded value and the signals it mentions. */
export interface Outgoing {
  readonly payload: Payload;
  readonly signals: readonly AbortSignal[];
  /** Something in it travels as a handle. */
  readonly handles: boolean;
  /** Channels in it. */
  readonly channels?: readonly unknown[] | undefined;
}

/** Encodes for a worker or for the side that submitted. A plain list is not copied, nor are long bytes on their way to another process,
 *  those of arguments excepted: send it before anybody can change them. Throws `NotSerializableError` with the path of the offender. */
export function encodeValue(
  value: unknown,
  root: "arguments" | "result" | "item" | "progress",
  sharesMemory: boolean,
  transfer?: readonly Transferable[] | undefined,
): Outgoing {
  const plain = transfer === undefined ? plainValue(value) : undefined;
  return plain ? { payload: plain, signals: noSignals, handles: false } : encodeValueSlow(value, root, sharesMemory, transfer);
}

/** Of a value that mentions none. */
export const noSignals: readonly AbortSignal[] = [];

function encodeValueSlow(
  value: unknown,
  root: "arguments" | "result" | "item" | "progress",
  sharesMemory: boolean,
  transfer: readonly Transferable[] | undefined,
): Outgoing {
  const signals: AbortSignal[] = [];
  let channels: unknown[] | undefined;
  let handles = false;
  const toHandle = (object: object): Handle | undefined => {
    const handle = handleOf(object);
    handles ||= handle !== undefined;
    return handle;
  };
  const handleOf = (object: object): Handle | undefined => {
    if (object instanceof AbortSignal) {
      signals.push(object);
      const { aborted, reason } = object;
      // The reason goes inside, as text: an abort frame would come too late for a function that looks at once.
      return { kind: "signal", number: signalNumber(object), reason: aborted ? packed(encodeFailure(reason, false)) : undefined };
    }
    const reference = typeof object === "function" ? referenceInValue(object) : undefined;
    if (reference) return { kind: "function", url: reference.url, name: reference.name };
    const segment = types.isArrayBuffer(object) ? segmentReference(object) : undefined;
    if (segment) return { kind: "segment", ...segment };
    const channel = channelRoads()?.handleOf(object, sharesMemory);
    if (channel !== undefined) {
      channels ??= [];
      channels.push(channel.mention);
      return channel.handle;
    }
    const name = directory?.nameOf(object);
    return name === undefined ? undefined : { kind: "executor", name };
  };
  // Arguments may wait for a worker; everything else is sent by whoever has it encoded.
  const longBytes = sharesMemory ? undefined : root === "arguments" ? "copies" : "views";
  const payload = encode(value, {
    root,
    sharesMemory,
    longBytes,
    transfer: transfer ?? transferOf(value),
    handles: { toHandle },
    exportedClass,
  });
  if (channels !== undefined) underWay.set(payload, channels);
  return { payload, signals, handles, channels };
}

/** Decodes what came over a link; `relay` finds or makes the signals in it. */
export function decodeValue(payload: Payload, relay?: SignalFinder): unknown {
  if (payload.bytes === undefined) return payload.value;
  const plain = readPlain(payload.bytes);
  if (plain !== notPlain) return plain;
  return decode(payload, { resolveClass, handles: { fromHandle: (handle) => fromHandle(handle, relay) } });
}

const packed = ({ bytes }: Encoded): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
const unpacked = (text: string): Encoded => ({ bytes: new Uint8Array(Buffer.from(text, "base64")) });

/** Encodes whatever was thrown; never throws. */
export function encodeFailure(error: unknown, sharesMemory: boolean): Encoded {
  return encodeError(error, { root: "result", sharesMemory, exportedClass });
}

/** Where a task came from: the stack of its submission, and what the error crossed. */
export interface Caller {
  readonly stack: string;
  readonly crossing: string;
}

/** The error that came over a link, with the caller's frames below the worker's when given. */
export function decodeFailure(payload: Payload, caller?: Caller): unknown {
  return decodeError(encoded(payload), { resolveClass, callerStack: caller?.stack, crossing: caller?.crossing });
}

function fromHandle(handle: Handle, relay: SignalFinder | undefined): unknown {
  if (handle.kind === "signal") return relay?.adopt(handle) ?? AbortSignal.abort();
  if (handle.kind === "channel") {
    const roads = channelRoads();
    if (roads === undefined) throw new PartAbsent(`${String(handle["title"])} is not known on this thread: its channels are not loaded.`);
    return roads.find(handle);
  }
  if (handle.kind === "segment") return openReference(handle as unknown as SegmentReference);
  if (handle.kind === "executor") return executorNamed(String(handle.name));
  if (handle.kind === "function") {
    const reference = { url: String(handle.url), name: String(handle.name) };
    return loadedFunction(reference) ?? moduleFunctions<Record<string, () => unknown>>(reference.url)[reference.name];
  }
  return undefined;
}

/** The handles of signals, for a frame; `undefined` when there are none. */
export function signalHandles(signals: readonly AbortSignal[]): readonly number[] | undefined {
  return signals.length > 0 ? signals.map(signalNumber) : undefined;
}

/** Hands the aborts of signals on over a link. Returns what ends that. */
export function relayAborts(
  signals: readonly AbortSignal[],
  link: { readonly sharesMemory: boolean; send(frame: AbortFrame): void },
): () => void {
  const listeners = signals.map((signal) => {
    const onAbort = (reason: unknown) =>
      link.send({ type: "abort", handle: signalNumber(signal), payload: encodeFailure(reason, link.sharesMemory) });
    const listener: SignalListener = { onAbort };
    // It may have been aborted after it was encoded, while its task waited: the other side does not know.
    if (signal.aborted) onAbort(signal.reason);
    else listenToSignal(signal, listener);
    return () => stopListening(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}

/** Finds the signal that a handle stands for. */
export interface SignalFinder {
  adopt(handle: Handle): AbortSignal;
}

interface Relayed {
  readonly controller: AbortController;
  /** Calls that hold it; `Infinity` when nobody will say that it is not needed any more. */
  holders: number;
}

/** The signals that came over one link. A frame says which signals its payload mentions, so that an abort finds its signal
 *  also when it arrives before the payload is decoded (the module of the task is still loading), and so that the signal is
 *  forgotten when the last call that mentions it is over. */
export class SignalRelay implements SignalFinder {
  readonly #relayed = new Map<number, Relayed>();

  /** A call that mentions these signals has come in. */
  hold(numbers: readonly number[] | undefined): void {
    for (const number of numbers ?? []) this.#relayedOf(number, 0).holders++;
  }

  /** It is over: the other side hands no abort on for it any more. */
  release(numbers: readonly number[] | undefined): void {
    for (const number of numbers ?? []) {
      const relayed = this.#relayed.get(number);
      if (relayed && --relayed.holders === 0) this.#relayed.delete(number);
    }
  }

  adopt(handle: Handle): AbortSignal {
    const { controller } = this.#relayedOf(Number(handle.number), Number.POSITIVE_INFINITY);
    if (typeof handle.reason === "string") controller.abort(decodeFailure(unpacked(handle.reason)));
    return controller.signal;
  }

  abort(number: number, reason: unknown): void {
    this.#relayed.get(number)?.controller.abort(reason);
  }

  #relayedOf(number: number, holders: number): Relayed {
    let relayed = this.#relayed.get(number);
    if (relayed === undefined) {
      relayed = { controller: new AbortController(), holders };
      this.#relayed.set(number, relayed);
    }
    return relayed;
  }
}
