// Values that were received for a side below which did not live to see them: each goes back to where it came from, wherever that is by now.
import type { ReceiverEnd } from "../ends.ts";
import { SharedChannel } from "../shared/shared-channel.ts";
import { HomeChannel } from "./home-channel.ts";
import type { AnyCore } from "./naming.ts";
import { type Packed, unpack } from "./packed.ts";
import { RemoteChannel } from "./remote-channel.ts";

export interface Returned {
  /** By which it was received. */
  readonly end: ReceiverEnd<unknown> | undefined;
  readonly packed: Packed;
}

/** These are there again, before all others, or with those who wait. Oldest first, all that there are: what comes in two calls has no order. */
export function takeBack(core: AnyCore, values: readonly Returned[]): void {
  const { elsewhere } = core;
  if (elsewhere instanceof HomeChannel || elsewhere instanceof RemoteChannel) elsewhere.takeBack(values);
  else if (elsewhere instanceof SharedChannel) elsewhere.takeBack(values.map(({ packed }) => unpack(packed)));
}
