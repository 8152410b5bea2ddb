// Blocking the thread on a channel of this thread.
import { UnsupportedError } from "../contract/errors.ts";

/** Refuses: whoever could end the wait runs on the thread that would block. */
export function noBlocking(operation: "sendSync" | "receiveSync", title: string): never {
  const instead = operation === "sendSync" ? "await send() instead, or use trySend()" : "await receive() instead, or use tryReceive()";
  throw new UnsupportedError(
    `${operation} blocks this thread, and the other side of ${title} needs this thread to run: ${instead}.`,
    operation,
  );
}
