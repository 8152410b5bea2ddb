// What a channel does when its state has moved to where others than this thread can reach it, too. The local halves ask for it where they
// would refuse or wait anyhow, so a channel that never leaves its thread pays nothing for the possibility.
import type { ChannelStatistics, Permit } from "../contract/channel.ts";
import type { WaitOptions } from "../contract/waiting.ts";
import type { notReady } from "../core/clause.ts";
import type { LineNode } from "../core/parked.ts";
import type { SendingSide } from "./offer.ts";
import type { ReceivingHalf, ReceivingSide } from "./receiving-half.ts";

/** A node in a line: a parked operation, a step of an iteration, or a case of a select. */
export type WaitingNode = LineNode<never, never>;

/** The core of a channel that is not of this thread alone. */
export interface Elsewhere<T> {
  readonly closed: boolean;
  /** It is asked for, and answers later: a select has to wait for it. */
  readonly isFar?: boolean;
  /** It has just told a receiver of the end, and not of a value: what an iteration must know. */
  readonly ending: boolean;

  send(value: T, side: SendingSide | undefined, options: WaitOptions | undefined): Promise<void>;
  attemptSend(value: T, side: SendingSide | undefined): boolean;
  sendSync(value: T, side: SendingSide | undefined, timeoutMs: number | undefined): void;
  reserve(side: SendingSide | undefined, options: WaitOptions | undefined): Promise<Permit<T>>;
  /** Uses up, or gives back, a permit that was given before the channel moved. */
  fillPlace(value: T, side: SendingSide | undefined): void;
  givePlaceBack(): void;
  /** A case of a select comes into line. */
  enlistSender(node: WaitingNode): void;

  receive(side: ReceivingSide | undefined, options: WaitOptions | undefined): Promise<T | undefined>;
  attemptReceive(side: ReceivingSide | undefined, standing: boolean): T | undefined | typeof notReady;
  receiveSync(side: ReceivingSide | undefined, timeoutMs: number | undefined): T | undefined;
  step(side: ReceivingSide | undefined): Promise<IteratorResult<T, undefined>>;
  enlistReceiver(node: WaitingNode): void;
  /** As `LazyClause.arrived`, of somebody who receives there. */
  arrived?(inbox: ReceivingHalf<unknown>): void;

  /** A node leaves its line. */
  delist(node: WaitingNode): void;
  /** As `Home.late`. */
  late(node: WaitingNode, error: unknown): boolean;

  openSide(side: object, sends: boolean): void;
  closeSide(side: object, error: unknown): void;
  close(error: unknown): void;
  statistics(): ChannelStatistics;
}
