// What all threads of a program have in common reaches a thread as environment data, when it is started: so it has to be there before.
import { choices } from "./choice-table.ts";
import { obituary } from "./this-thread.ts";

/** Makes it, if this thread was not given it. To be called before a thread is started. */
export function layCommonGround(): void {
  obituary();
  choices();
}
