// What a portable function promises: it is called like any function, and carries (module URL, name).

declare const portableBrand: unique symbol;

/** Any function, with parameters nobody may guess. */
export type AnyFunction = (...args: never) => unknown;

/** Any class. */
export type AnyClass = abstract new (...args: never) => object;

/** `F`, unchanged to call, that also carries (module URL, name) and so can travel to another level. */
export type Portable<F extends AnyFunction | AnyClass = AnyFunction> = F & { readonly [portableBrand]: true };

/** Where work runs. */
export type Level = "serial" | "coroutine" | "thread" | "process" | "cluster";

/** Levels that stay on this thread and so take plain closures. */
export type LocalLevel = "serial" | "coroutine";

/** What an executor of level `L` accepts: any `F` on this thread, only a portable one elsewhere. */
export type Work<L extends Level, F extends AnyFunction | AnyClass> = [L] extends [LocalLevel] ? F : Portable<F>;

/** Names of a module's exports that are functions or classes. */
export type PortableNames<M> = { [K in keyof M]: M[K] extends AnyFunction | AnyClass ? K : never }[keyof M] & string;

/** How a portable function is found on the far side. */
export interface PortableReference {
  /** URL of the module to import. */
  readonly url: string;
  /** Name given to `portable`, else name of the export. */
  readonly name: string;
}
