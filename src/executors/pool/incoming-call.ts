// An incoming call: the other half of an outgoing one. The values of the task-locals follow the arguments in the payload.
import type { AnyFunction } from "../../contract/portable.ts";
import { callEach } from "./local-core.ts";

/** The arguments among the values that came. */
export function argumentsOf(values: readonly unknown[], locals: readonly string[] = []): readonly unknown[] {
  return locals.length > 0 ? values.slice(0, -locals.length) : values;
}

/** Calls with the arguments, or once for each of them. The name marks where the user's part of a stack ends: what is below it
 *  is brigade's and is cut off (wire/errors.ts). */
export function brigadeTask(fn: AnyFunction, args: readonly unknown[], many: boolean | undefined): unknown {
  const call = fn as (...args: readonly unknown[]) => unknown;
  return many ? callEach(call, args) : call(...args);
}
