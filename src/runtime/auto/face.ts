// The public face of `auto`: an executor that can say why.
import type { AutoExecutor, AutoExplanation } from "../../contract/auto.ts";
import type { AnyFunction, Level, Portable } from "../../contract/portable.ts";
import { ExecutorFace } from "../../executors/pool/face.ts";
import type { AutoCore } from "./core.ts";

export class AutoFace extends ExecutorFace<Level> implements AutoExecutor {
  readonly #core: () => AutoCore;

  constructor(core: () => AutoCore) {
    super(core);
    this.#core = core;
  }

  explain(fn: Portable<AnyFunction>): AutoExplanation {
    if (typeof fn !== "function") throw new TypeError(`explain needs a function, not ${typeof fn}.`);
    return this.#core().of(fn).explain();
  }
}
