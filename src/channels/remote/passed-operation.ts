// An operation of a side below on channels whose state is not here: in shared memory, or further above. It is done as a task of this
// thread would do it; what is all above goes there as it came, unopened.

import type { Permit } from "../../contract/channel.ts";
import { CancelledError } from "../../contract/errors.ts";
import { notReady } from "../../core/clause.ts";
import { runInScope } from "../../core/context.ts";
import { CancelScope, rootScope } from "../../core/scope.ts";
import { BroadcastCore } from "../broadcast-core.ts";
import { ReceivingClause } from "../clauses/receiving.ts";
import { SendingClause } from "../clauses/sending.ts";
import { halfOfReceiver, type ReceiverEnd } from "../ends.ts";
import type { SendingSide } from "../offer.ts";
import type { ReceivingHalf, ReceivingSide } from "../receiving-half.ts";
import { select } from "../select.ts";
import type { SendingHalf } from "../sending-half.ts";
import { Answer, BIASED, ONCE, RECEIVE, SEND } from "./messages.ts";
import { type Packed, pack, unpack } from "./packed.ts";
import type { RemoteChannel } from "./remote-channel.ts";
import { type GivenPermit, type Outcome, refused, type Standing, type Tell, type WantedCase } from "./served-operation.ts";
import type { FarAnswer, UpperLink } from "./upper-link.ts";

const halfOf = ({ core, end }: WantedCase): ReceivingHalf<unknown> =>
  core instanceof BroadcastCore ? halfOfReceiver(end as ReceiverEnd<unknown>) : core.inbox;

/** All cases are channels of the side above. */
export class ForwardedOperation implements Standing {
  readonly #upper: UpperLink;
  readonly #number: number;

  constructor(wanted: readonly WantedCase[], flags: number, tell: Tell, sharesMemory: boolean) {
    const remotes = wanted.map(({ core }) => core.elsewhere as RemoteChannel<unknown>);
    this.#upper = (remotes[0] as RemoteChannel<unknown>).upper;
    const cases = wanted.map(({ end, kind, packed }, index) => {
      const remote = remotes[index] as RemoteChannel<unknown>;
      return { channel: remote.number, end: remote.endOf(end), kind, packed };
    });
    this.#number = this.#upper.begin(cases, flags, (answer) =>
      tell(answer.which, { ...forwarded(answer, this.#upper, sharesMemory), from: wanted[answer.which] }),
    );
  }

  withdraw(): boolean {
    this.#upper.withdraw(this.#number);
    return false;
  }
}

function forwarded({ kind, packed, error, number }: FarAnswer, upper: UpperLink, sharesMemory: boolean): Outcome {
  if (packed !== undefined) {
    // Channels in it, and shared memory, mean something on the link that they came by.
    if (!packed.mentionsChannels && packed.attachments.length === 0) return { kind, packed };
    try {
      return { kind, packed: pack(unpack(packed), sharesMemory) };
    } catch (thrown) {
      return { kind: Answer.FAILED, error: thrown };
    }
  }
  if (kind !== Answer.PERMIT) return { kind, error };
  const permit: GivenPermit = {
    fill: (value, tell) => void upper.fill(number, value, (answer) => tell(forwarded(answer, upper, sharesMemory))),
    giveBack: () => upper.giveBack(number),
  };
  return { kind, permit };
}

/** At least one case is a channel in shared memory. */
export class TranslatedOperation implements Standing {
  readonly #scope = new CancelScope(rootScope, undefined);
  readonly #sharesMemory: boolean;

  constructor(wanted: readonly WantedCase[], flags: number, tell: Tell, sharesMemory: boolean) {
    this.#sharesMemory = sharesMemory;
    const withdrawn = this.#scope;
    const settled = (which: number, outcome: Outcome) => {
      this.#scope.end();
      tell(which, outcome);
    };
    const failed = (error: unknown, which: number) =>
      settled(which, error === withdrawn.error ? { kind: Answer.WITHDRAWN } : this.#refused(error, wanted[which]));
    const [only] = wanted;
    if ((flags & ONCE) !== 0) this.#once(wanted, settled, failed);
    else if (wanted.length === 1 && only !== undefined) {
      runInScope(this.#scope, () => this.#one(only)).then(
        (outcome) => settled(0, outcome),
        (error: unknown) => failed(error, 0),
      );
    } else this.#select(wanted, flags, settled, failed);
  }

  #refused(error: unknown, wanted: WantedCase | undefined): Outcome {
    if (wanted === undefined || wanted.kind === RECEIVE) return { kind: Answer.FAILED, error };
    return refused(error, wanted.end, wanted.core.closed);
  }

  async #one(wanted: WantedCase): Promise<Outcome> {
    const { core, end, kind, packed } = wanted;
    if (kind === RECEIVE) {
      const step = await halfOf(wanted).step(end as ReceivingSide | undefined);
      return step.done ? { kind: Answer.OVER } : this.#value(step.value, wanted);
    }
    const half = core as SendingHalf<unknown>;
    const side = end as SendingSide | undefined;
    if (kind === SEND) {
      await half.send(unpack(packed as Packed), side, undefined);
      return { kind: Answer.SENT };
    }
    const permit = await half.reserve(side, undefined);
    return { kind: Answer.PERMIT, permit: this.#permit(permit, wanted) };
  }

  #permit(permit: Permit<unknown>, wanted: WantedCase): GivenPermit {
    return {
      fill: (packed, tell) => {
        try {
          permit.send(unpack(packed));
        } catch (error) {
          tell(this.#refused(error, wanted));
          return;
        }
        tell({ kind: Answer.SENT });
      },
      giveBack: () => permit[Symbol.dispose](),
    };
  }

  #value(value: unknown, from: WantedCase): Outcome {
    return { kind: Answer.VALUE, packed: pack(value, this.#sharesMemory), from };
  }

  #once(wanted: readonly WantedCase[], settled: Tell, failed: (error: unknown, which: number) => void): void {
    for (const [which, each] of wanted.entries()) {
      try {
        const { core, end, kind, packed } = each;
        if (kind === RECEIVE) {
          const value = halfOf(each).attempt(end as ReceivingSide | undefined, false);
          if (value === notReady) continue;
          settled(which, value === undefined ? { kind: Answer.OVER } : this.#value(value, each));
          return;
        }
        if ((core as SendingHalf<unknown>).attempt(unpack(packed as Packed), end as SendingSide | undefined)) {
          settled(which, { kind: Answer.SENT });
          return;
        }
      } catch (error) {
        failed(error, which);
        return;
      }
    }
    settled(0, { kind: Answer.NOT_READY });
  }

  #select(wanted: readonly WantedCase[], flags: number, settled: Tell, failed: (error: unknown, which: number) => void): void {
    const clauses = Object.fromEntries(
      wanted.map((each, which) => {
        const { core, end, kind, packed } = each;
        if (kind === RECEIVE) return [which, new ReceivingClause(halfOf(each), end as ReceivingSide | undefined)];
        return [which, new SendingClause(core as SendingHalf<unknown>, unpack(packed as Packed), end as SendingSide | undefined)];
      }),
    );
    runInScope(this.#scope, () => select(clauses, { biased: (flags & BIASED) !== 0 })).then(
      ({ key, value }) => {
        const which = Number(key);
        const chosen = wanted[which] as WantedCase;
        settled(which, chosen.kind === RECEIVE ? this.#value(value, chosen) : { kind: Answer.SENT });
      },
      (error: unknown) => failed(error, 0),
    );
  }

  withdraw(): boolean {
    this.#scope.cancelWith(new CancelledError("It was withdrawn."));
    return false;
  }
}
