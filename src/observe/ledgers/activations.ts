// Activations: which functions of the program are on a stack, told apart by where they are written, not by name. Stacks are captured when
// something happens and read much later, if ever: most of them are never looked at.
import { captureStack, isProgramFile } from "../stack.ts";

/** A function that was running, or that awaited one that was. */
export interface Activation {
  /** The function itself, as text: its file and the place where it begins. */
  readonly fn: string;
  /** It is not on the stack but awaits what is. */
  readonly awaits: boolean;
}

/** A stack that can be read later. */
export interface Trace {
  readonly stack?: unknown;
}

/** Notes which functions run now. */
export function captureTrace(): Trace {
  const trace: Trace = {};
  captureStack(trace, captureTrace);
  return trace;
}

const read = new WeakMap<Trace, readonly Activation[]>();

/** The program's functions on a stack, innermost first. */
export function activationsOf(trace: Trace): readonly Activation[] {
  let activations = read.get(trace);
  if (activations === undefined) {
    activations = callSites(trace).flatMap((site) => {
      const file = site.getFileName() ?? site.getScriptNameOrSourceURL();
      return isProgramFile(file) ? [{ fn: identify(site, file), awaits: isAsync(site) }] : [];
    });
    read.set(trace, activations);
  }
  return activations;
}

/** Whether code that ran later went on with the function that called at an earlier time, instead of being called anew by one of its callers
 *  or by a function that merely happens to have been called after it. What goes on after an `await` stands at the bottom of the stack, or
 *  awaits what stands there; what is called anew has its caller below it. */
export function continues(later: Trace, earlier: Trace): boolean {
  const fn = activationsOf(earlier)[0]?.fn;
  if (fn === undefined) return false;
  const activations = activationsOf(later);
  const bottom = activations.findLast(({ awaits }) => !awaits);
  return bottom?.fn === fn || activations.some((each) => each.awaits && each.fn === fn);
}

/** V8's, beyond what the types of Node know. */
interface EnclosingSite {
  getEnclosingLineNumber?(): number | null;
  getEnclosingColumnNumber?(): number | null;
  isAsync?(): boolean;
}

function identify(site: NodeJS.CallSite, file: string): string {
  const { getEnclosingLineNumber, getEnclosingColumnNumber } = site as EnclosingSite;
  // Without these two, functions of one name in one file cannot be told apart.
  const place = `${getEnclosingLineNumber?.call(site) ?? site.getFunctionName()}:${getEnclosingColumnNumber?.call(site) ?? ""}`;
  return `${file}:${place}`;
}

function isAsync(site: NodeJS.CallSite): boolean {
  return (site as EnclosingSite).isAsync?.() ?? false;
}

/** Borrows the stack hook of `Error` for one reading: the engine formats a captured stack when it is read. */
function callSites(trace: Trace): readonly NodeJS.CallSite[] {
  const hook = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  try {
    const value = (_error: Error, sites: unknown) => sites;
    Object.defineProperty(Error, "prepareStackTrace", { value, configurable: true, writable: true });
    const sites = trace.stack;
    return Array.isArray(sites) ? sites : [];
  } catch {
    // Frozen intrinsics: nothing can be told, so nothing is claimed.
    return [];
  } finally {
    if (hook) Reflect.defineProperty(Error, "prepareStackTrace", hook);
    else Reflect.deleteProperty(Error, "prepareStackTrace");
  }
}
