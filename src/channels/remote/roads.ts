// The roads of channels beside those through shared memory, put together: what else may travel in a value, and the links to the sides above
// and below this thread.
import { find, handleOf } from "./handles.ts";
import { LowerLink, lowerLinks } from "./lower-link.ts";
import { rise } from "./moving.ts";
import type { AnyCore, Mention } from "./naming.ts";
import { useNaming } from "./packed.ts";
import { type ChannelsLink, openUpperLink, type UpperLink, upperLink } from "./upper-link.ts";

const restand = (core: AnyCore): void => {
  for (const link of lowerLinks()) link.restand(core);
};

/** Lets channels in values be named. */
export function openRoads(): void {
  useNaming({ handleOf, find });
}

/** The link of this thread to the side that has started it. */
export function openUpwards(link: ChannelsLink): UpperLink {
  const upper = openUpperLink(link);
  upper.rise = (mentions) => rise(mentions, upper, restand);
  return upper;
}

/** A link to a side below; `distrust` ends that side. */
export function openDownwards(link: ChannelsLink, distrust: (error: unknown) => void): LowerLink {
  return new LowerLink(link, distrust);
}

/** Something that mentions these channels is about to go up. Throws `NotSerializableError` for one that cannot. */
export function riseAll(mentions: readonly unknown[]): void {
  const upper = upperLink();
  upper?.rise(mentions as readonly Mention[]);
  // What mentions them leaves at once.
  upper?.flush();
}
