// Where those who wait for a channel given to others are parked: what they wait for differs, and nothing else.
import type { Home } from "../../core/parked.ts";
import type { WaitingNode } from "../elsewhere.ts";

/** Who knows whether they have happened. */
export interface LineKeeper {
  late(node: WaitingNode, error: unknown): boolean;
  withdraw(node: WaitingNode): void;
}

export class LineHome implements Home {
  readonly #line: { readonly waitingFor: string };
  readonly #keeper: LineKeeper;

  constructor(line: { readonly waitingFor: string }, keeper: LineKeeper) {
    this.#line = line;
    this.#keeper = keeper;
  }

  get waitingFor(): string {
    return this.#line.waitingFor;
  }

  late(node: WaitingNode, error: unknown): boolean {
    return this.#keeper.late(node, error);
  }

  withdraw(node: WaitingNode): void {
    this.#keeper.withdraw(node);
  }
}
