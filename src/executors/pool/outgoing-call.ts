// An outgoing call: a submission made ready to travel. The function becomes its reference; arguments and the task-locals in
// force become one payload, encoded at the instant of submission, so that what the caller changes afterwards changes nothing.
import { NotSerializableError } from "../../contract/errors.ts";
import type { Level, PortableReference } from "../../contract/portable.ts";
import { currentLocals } from "../../core/context.ts";
import { bindingsByName } from "../../core/task-local.ts";
import { noteModule } from "../../wire/module-namespaces.ts";
import { plainList } from "../../wire/plain.ts";
import { requireReference } from "../../wire/require-reference.ts";
import type { Submission } from "./core.ts";
import { encodeValue, noSignals, type Outgoing } from "./passage.ts";

export interface OutgoingCall extends Outgoing {
  readonly reference: PortableReference;
  /** Names of the task-locals whose values follow the arguments. */
  readonly locals: readonly string[] | undefined;
}

/** Throws `NotPortableError`, or `NotSerializableError` with the path of the offender. */
export function encodeCall({ fn, args, settings }: Submission, level: Level, sharesMemory: boolean): OutgoingCall {
  const reference = requireReference(fn, level);
  noteModule(reference.url);
  const bindings = currentLocals();
  if (bindings === undefined) {
    // Nobody else holds the list, and what is in it never changes: it is written when it is sent.
    const plain = settings.transfer === undefined ? plainList(args) : undefined;
    if (plain) return { reference, locals: undefined, payload: plain, signals: noSignals, handles: false };
    return { reference, locals: undefined, ...encodeValue(args, "arguments", sharesMemory, settings.transfer) };
  }
  const locals = bindingsByName(bindings);
  const names = locals.map(([name]) => name);
  try {
    const values = [...args, ...locals.map(([, value]) => value)];
    return { reference, locals: names, ...encodeValue(values, "arguments", sharesMemory, settings.transfer) };
  } catch (error) {
    throw nameLocal(error, args.length, names);
  }
}

/** The caller knows its task-local by name, not as an argument that it never gave. */
function nameLocal(error: unknown, argumentCount: number, names: readonly string[]): unknown {
  if (!(error instanceof NotSerializableError)) return error;
  const place = /^arguments\[(\d+)\]/.exec(error.path);
  const name = names[Number(place?.[1] ?? Number.NaN) - argumentCount];
  if (place === null || name === undefined) return error;
  const path = `TaskLocal(${JSON.stringify(name)})${error.path.slice(place[0].length)}`;
  return new NotSerializableError(error.message.replaceAll(error.path, path), path, { cause: error.cause });
}
