// Channels between a pool and its workers, as far as a pool has to do with them: it carries their messages and says when a worker is gone.
// What they mean is for whoever knows channels; the runtime brings it here.
import type { Handle, ToHandle } from "../../wire/codec.ts";
import type { ChannelsFrame } from "./frames.ts";

/** What carries the messages of one link. */
export interface ChannelsCarrier {
  readonly sharesMemory: boolean;
  send(frame: ChannelsFrame): void;
  readonly wait?: ((timeoutMs: number) => void) | undefined;
}

/** Those who read the messages of one link. */
export interface ChannelsReader {
  arrived(bytes: Uint8Array, attachments: readonly unknown[]): void;
}

/** The same in a worker, with what it has to say: what it said before something else leaves before that. */
export interface ChannelsOfHost extends ChannelsReader {
  flush(): void;
}

/** The same for a worker, which can end. */
export interface ChannelsOfWorker extends ChannelsReader {
  ended(): void;
}

export interface ChannelRoads {
  /** The link of this thread to the side that has started it. */
  upwards(carrier: ChannelsCarrier): ChannelsOfHost;
  /** A link to a worker; `distrust` ends it. */
  downwards(carrier: ChannelsCarrier, distrust: (error: unknown) => void): ChannelsOfWorker;
  /** What stands for a channel in a value; what it mentions has to be held for as long as the value is under way. */
  handleOf(
    object: Parameters<ToHandle["toHandle"]>[0],
    sharesMemory: boolean,
  ): { readonly handle: Handle; readonly mention: unknown } | undefined;
  find(handle: Handle): unknown;
  /** All that was answered to workers leaves now: at the latest at the end of the tick, but that does not come to a thread that is blocked. */
  flush(): void;
  /** Something that mentions these goes to the side above. Throws `NotSerializableError`. */
  rise(mentions: readonly unknown[]): void;
}

let roads: ChannelRoads | undefined;
const waiting: ((roads: ChannelRoads) => void)[] = [];

/** The runtime says what channels are. */
export function setChannelRoads(next: ChannelRoads): void {
  roads = next;
  for (const open of waiting.splice(0)) open(next);
}

/** Calls `open` when channels are known here: now, or when they are loaded. */
export function whenChannelsAreKnown(open: (roads: ChannelRoads) => void): void {
  if (roads === undefined) waiting.push(open);
  else open(roads);
}

/** What is known of channels; `undefined` in a program without them. */
export function channelRoads(): ChannelRoads | undefined {
  return roads;
}
