// What brigade calls on the other side.
import { brigade } from "../../shipped.ts";

/** Gives back what it gets, moved. */
export const echoMoved = brigade.portable(import.meta, "echoMoved", (view: Uint8Array<ArrayBuffer>) =>
  brigade.transfer(view, [view.buffer]),
);

/** Gives back what it gets. */
export const echo = brigade.portable(import.meta, "echo", (value: unknown) => value);
