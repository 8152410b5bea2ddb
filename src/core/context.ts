// The ambient context: which scope this code runs in, found again after every native `await`.
//
// One AsyncLocalStorage entry per task, not one per tree: entering once per tree would show all siblings the same task.
// The store is the scope itself; only inside `TaskLocal.run` is it a small frame that pairs a scope with more bindings.
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { CancelScope, type LocalBinding, rootScope } from "./scope.ts";

/** A scope seen through further task-local bindings. */
class LocalFrame {
  readonly scope: CancelScope;
  readonly locals: LocalBinding | undefined;
  constructor(scope: CancelScope, locals: LocalBinding | undefined) {
    this.scope = scope;
    this.locals = locals;
  }
}

const storage = new AsyncLocalStorage<CancelScope | LocalFrame>();

/** The scope this code runs in; outside any task the root, which is never cancelled. */
export function currentScope(): CancelScope {
  const store = storage.getStore();
  if (store === undefined) return rootScope;
  return store instanceof CancelScope ? store : store.scope;
}

/** The task-local bindings in force. */
export function currentLocals(): LocalBinding | undefined {
  return storage.getStore()?.locals;
}

/** Calls `fn` inside a scope. */
export function runInScope<R>(scope: CancelScope, fn: () => R): R {
  return storage.run(scope, fn);
}

/** Calls `fn` inside a scope, with the bindings of the caller: a submission on behalf of that scope. */
export function submitInScope<R>(scope: CancelScope, fn: () => R): R {
  const locals = currentLocals();
  return storage.run(locals === scope.locals ? scope : new LocalFrame(scope, locals), fn);
}

/** Calls `fn` in the same scope with other bindings in force. */
export function enterLocals<R>(locals: LocalBinding, fn: () => R): R {
  return storage.run(new LocalFrame(currentScope(), locals), fn);
}

/** Where code was submitted: the async context of the caller, the stores of other libraries included, to enter its code in
 *  (`runInAsyncScope`) whenever its turn comes. Otherwise that code would see the stores of whoever made room for it. */
export function captureContext(): AsyncResource {
  return new AsyncResource("brigade.submission", { requireManualDestroy: true });
}

/** Calls `fn` outside any task: for what outlives the task that happened to cause it. */
export function runOutside<R>(fn: () => R): R {
  return storage.run(rootScope, fn);
}
