// The ambient context: which scope this code runs in, found again after every native `await`.
//
// One AsyncLocalStorage entry per task, not one per tree: entering once per tree would show all siblings the same task.
// The store is the scope itself; only where there is more to know (rebound task-locals, a critical section) it is a small frame
// that refers to the scope.
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { CancelScope, type LocalBinding, rootScope } from "./scope.ts";

/** What the ambient context refers to. */
export type ContextStore = CancelScope | ContextFrame;

/** A scope seen through something more: further task-local bindings, or a critical section (`sync/section.ts`). */
export class ContextFrame {
  readonly scope: CancelScope;
  readonly locals: LocalBinding | undefined;
  /** The context that it was entered from. */
  readonly within: ContextStore | undefined;

  constructor(within: ContextStore | undefined, locals: LocalBinding | undefined) {
    this.scope = within === undefined ? rootScope : within.scope;
    this.locals = locals;
    this.within = within;
  }
}

/** A scope that whoever opened it stays in until it is over: a group, a `timeout`, a `shield`. It remembers the frames around it. */
export class InnerScope extends CancelScope {
  readonly within: ContextStore | undefined;

  constructor(shielded = false) {
    const store = storage.getStore();
    super(store === undefined ? rootScope : store.scope, store?.locals, shielded);
    this.within = store;
  }
}

const storage = new AsyncLocalStorage<ContextStore>();

/** What the context refers to. */
export function currentStore(): ContextStore | undefined {
  return storage.getStore();
}

/** The scope this code runs in; outside any task the root, which is never cancelled. */
export function currentScope(): CancelScope {
  const store = storage.getStore();
  return store === undefined ? rootScope : store.scope;
}

/** The task-local bindings in force. */
export function currentLocals(): LocalBinding | undefined {
  return storage.getStore()?.locals;
}

/** From Node 24 on a context is a copied map, and `run` copies twice: once to enter and once to go back. A resource goes back by
 *  itself, so that one copy is left: half the time. */
const entersByCopy = Number(process.versions.node.split(".", 1)[0]) >= 24;

const enterAndCall = <R, A>(store: ContextStore, fn: (argument: A) => R, argument: A): R => {
  storage.enterWith(store);
  return fn(argument);
};

/** Calls `fn` inside a scope or a frame. */
export function runInScope<R>(store: ContextStore, fn: () => R): R {
  return callInScope(store, fn, undefined);
}

/** The same with an argument, which saves whoever has many calls a closure for each. */
export function callInScope<R, A>(store: ContextStore, fn: (argument: A) => R, argument: A): R {
  return entersByCopy
    ? captureContext().runInAsyncScope(enterAndCall<R, A>, undefined, store, fn, argument)
    : storage.run(store, fn, argument);
}

let prepared = false;

/** To be called before the reactions are added that will call `enterContext`: on Node 20 the platform follows promises only once the
 *  first context has been entered, and a microtask that it does not follow would leave its context to whatever runs next. */
export function prepareContext(): void {
  if (prepared) return;
  prepared = true;
  storage.run(rootScope, () => {});
}

/** Puts the rest of this microtask into a scope. Only for a reaction that is brigade's own from its first line to its last. */
export function enterContext(scope: CancelScope): void {
  storage.enterWith(scope);
}

/** Calls `fn` inside a scope, with the bindings of the caller: a submission on behalf of that scope. */
export function submitInScope<R>(scope: CancelScope, fn: () => R): R {
  const locals = currentLocals();
  return storage.run(locals === scope.locals ? scope : new ContextFrame(scope, locals), fn);
}

/** Calls `fn` in the same scope with other bindings in force. */
export function enterLocals<R>(locals: LocalBinding, fn: () => R): R {
  return storage.run(new ContextFrame(storage.getStore(), locals), fn);
}

const noFrames: readonly ContextFrame[] = [];

/** The frames around this code, the innermost first, as far as somebody waits for it: out of groups, timeouts and shields and out of
 *  tasks that a group waits for, but not out of a task that nobody has to wait for. */
export function framesAround(store = storage.getStore()): readonly ContextFrame[] {
  let frames: ContextFrame[] | undefined;
  for (let each: ContextStore | undefined = store; each !== undefined; ) {
    if (each instanceof ContextFrame) {
      if (frames === undefined) frames = [each];
      else frames.push(each);
      each = each.within;
    } else each = each instanceof InnerScope ? each.within : each.awaitedBy;
  }
  return frames ?? noFrames;
}

/** Where code was submitted: the async context of the caller, the stores of other libraries included, to enter its code in
 *  (`runInAsyncScope`) whenever its turn comes. Otherwise that code would see the stores of whoever made room for it. */
export function captureContext(): AsyncResource {
  return new AsyncResource("brigade.submission", { requireManualDestroy: true });
}

/** Calls `fn` outside any task: for what outlives the task that happened to cause it. */
export function runOutside<R>(fn: () => R): R {
  // Where there is no context nothing is entered: on Node 20 the first entry makes every promise of the program dearer.
  return storage.getStore() === undefined ? fn() : storage.run(rootScope, fn);
}
