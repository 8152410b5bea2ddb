// An incoming call: the other half of an outgoing one. The values of the task-locals follow the arguments in the payload.
import type { AnyFunction } from "../../contract/portable.ts";
import { enterLocals } from "../../core/context.ts";
import { bindingsFrom } from "../../core/task-local.ts";
import { callEach } from "./call-each.ts";
import type { Many } from "./core.ts";

/** What came. */
export interface IncomingCall {
  /** The arguments, then the values of the task-locals. */
  readonly values: readonly unknown[];
  /** Names of those. */
  readonly locals?: readonly string[] | undefined;
  /** The arguments are items: one call for each. */
  readonly many?: Many | undefined;
}

/** Calls with the task-locals of the submitter in force; `take` does something with what is returned while they are. */
export function enterCall(
  fn: AnyFunction,
  { values, locals = [], many }: IncomingCall,
  take: (result: unknown) => unknown = (result) => result,
): unknown {
  if (locals.length === 0) return take(brigadeTask(fn, values, many));
  const args = values.slice(0, -locals.length);
  const bindings = bindingsFrom(locals.map((name, index) => [name, values[args.length + index]]));
  const call = () => take(brigadeTask(fn, args, many));
  return bindings ? enterLocals(bindings, call) : call();
}

/** Calls with the arguments, or once for each of them. The name marks where the user's part of a stack ends: what is below it
 *  is brigade's and is cut off (wire/errors.ts). */
function brigadeTask(fn: AnyFunction, args: readonly unknown[], many: Many | undefined): unknown {
  const call = fn as (...args: readonly unknown[]) => unknown;
  return many ? callEach(call, args, many) : call(...args);
}
