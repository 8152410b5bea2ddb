// A gate: open or closed, with a line of those who wait for it to open. What an event and a latch are.
import type { WaitOptions } from "../contract/waiting.ts";
import { spendBudget } from "../core/checkpoint.ts";
import { type CaseNode, LazyClause, notReady } from "../core/clause.ts";
import { enterOperation, type LineNode } from "../core/parked.ts";
import { type LotHost, ParkingLot } from "../core/parking-lot.ts";
import { afterTurn } from "./turn.ts";

/** What stands in the line: a parked wait, or a case of a select. */
type GateNode = LineNode<void, undefined>;

const passed = Promise.resolve();

export class Gate implements LotHost {
  readonly waitingFor: string;
  readonly line: ParkingLot<void>;
  isOpen: boolean;

  constructor(waitingFor: string, isOpen: boolean) {
    this.waitingFor = waitingFor;
    this.isOpen = isOpen;
    this.line = new ParkingLot<void>(this);
  }

  /** Lets everybody go on who waits now, also when it is closed again before they have a turn. */
  open(): void {
    this.isOpen = true;
    this.line.settleAll(undefined);
  }

  wait(options: WaitOptions | undefined): Promise<void> {
    const turn = spendBudget();
    const through = this.#pass(options);
    return turn === undefined ? through : afterTurn(through, turn);
  }

  #pass(options: WaitOptions | undefined): Promise<void> {
    try {
      const scope = enterOperation(options);
      return this.isOpen ? passed : this.line.park(scope, options, undefined).promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/** The clause of a gate: ready when it is open. */
export class PassingClause extends LazyClause<void> {
  readonly #gate: Gate;

  constructor(gate: Gate) {
    super();
    this.#gate = gate;
  }

  get waitingFor(): string {
    return this.#gate.waitingFor;
  }

  attempt(): void | typeof notReady {
    return this.#gate.isOpen ? undefined : notReady;
  }

  enlist(node: CaseNode): void {
    this.#gate.line.enlist(node as GateNode);
  }

  delist(node: CaseNode): void {
    this.#gate.line.remove(node as GateNode);
  }
}
