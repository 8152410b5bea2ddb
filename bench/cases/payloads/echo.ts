// What brigade calls on the other side.
import { brigade } from "../../shipped.ts";

/** Gives back what it gets. */
export const echo = brigade.portable(import.meta, "echo", (value: unknown) => value);
