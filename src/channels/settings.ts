// Settings of a channel, checked.
import type { ChannelOptions, Overflow } from "../contract/channel.ts";
import { checkCount } from "../core/durations.ts";

const overflows: readonly Overflow[] = ["wait", "drop-oldest", "drop-newest"];

export interface ChannelSettings {
  /** In words, such as `the channel "jobs"`. */
  readonly title: string;
  readonly capacity: number;
  readonly overflow: Overflow;
}

export function checkSettings(kind: "channel" | "broadcast", capacity: number, options: ChannelOptions | undefined): ChannelSettings {
  const { name, overflow = "wait" } = options ?? {};
  checkCount(`The capacity of a ${kind}`, capacity, 0, true);
  if (!overflows.includes(overflow)) {
    throw new RangeError(`The option overflow must be one of ${overflows.join(", ")}, not ${JSON.stringify(overflow)}.`);
  }
  if (overflow !== "wait" && capacity === 0) {
    throw new RangeError(`The option overflow: "${overflow}" needs a capacity of at least 1: at capacity 0 there is nothing to drop.`);
  }
  return { title: name === undefined ? `a ${kind}` : `the ${kind} ${JSON.stringify(name)}`, capacity, overflow };
}
