// What a send that is refused throws. It gives the value back.
import { BrokenChannelError, ChannelClosedError } from "../contract/errors.ts";

/** Why nothing can be sent: the channel is closed, this end of it is, or nobody is left to receive. */
export type Obstacle = "closed" | "end closed" | "broken";

/** The error for it. `title` is the channel in words, `error` what it was closed with. */
export function refusal(obstacle: Obstacle, title: string, error: unknown, value: unknown): ChannelClosedError | BrokenChannelError {
  const name = `${title.charAt(0).toUpperCase()}${title.slice(1)}`;
  if (obstacle === "closed") {
    return new ChannelClosedError(
      `${name} is closed: nothing more can be sent.`,
      value,
      error === undefined ? undefined : { cause: error },
    );
  }
  if (obstacle === "end closed") return new ChannelClosedError(`This end of ${title} is closed: send on another one.`, value);
  return new BrokenChannelError(`${name} has no receiving end left: nobody will receive the value.`, value);
}
