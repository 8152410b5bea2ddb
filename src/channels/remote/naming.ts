// The names under which others know channels of this thread.
import type { BroadcastCore } from "../broadcast-core.ts";
import type { ChannelCore } from "../channel-core.ts";
import type { ReceiverEnd, SenderEnd } from "../ends.ts";

export type AnyCore = ChannelCore<unknown> | BroadcastCore<unknown>;
export type AnyEnd = SenderEnd<unknown> | ReceiverEnd<unknown>;

/** A channel that something mentions, and the end of it, if that is what is meant. */
export interface Mention {
  readonly core: AnyCore;
  readonly end: AnyEnd | undefined;
}

/** Not to be guessed, since whoever knows it may use what it names. Cryptography is loaded with the first: importing brigade must not pay for it. */
export const randomName = (): string => process.getBuiltinModule("node:crypto").randomBytes(16).toString("base64url");

const ids = new WeakMap<AnyCore, string>();
/** Whoever has a channel in use, or under way, holds it; nothing here does. */
const cores = new Map<string, WeakRef<AnyCore>>();
const gone = new FinalizationRegistry<string>((id) => {
  if (cores.get(id)?.deref() === undefined) cores.delete(id);
});

export function nameCore(core: AnyCore, id: string): void {
  ids.set(core, id);
  cores.set(id, new WeakRef(core));
  gone.register(core, id);
}

/** The name of a channel, given now if it has none. */
export function idOf(core: AnyCore): string {
  let id = ids.get(core);
  if (id === undefined) {
    id = randomName();
    nameCore(core, id);
  }
  return id;
}

export function coreNamed(id: string): AnyCore | undefined {
  return cores.get(id)?.deref();
}
