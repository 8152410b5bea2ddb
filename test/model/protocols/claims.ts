// Claims: one side takes offers back while the other takes them up; exactly one of them gets each.
import assert from "node:assert/strict";
import type * as Module from "../../../src/memory/claims.ts";
import { type Protocol, scenario } from "../protocol.ts";

type Words = Int32Array<SharedArrayBuffer>;
interface Table {
  readonly claims: Words;
  /** The number that was offered, how often it was claimed, how often revoked; twice. */
  readonly log: Words;
}

export const claims: Protocol = {
  name: "claims",
  file: "memory/claims",
  scenarios({ allocateClaims, claim, Offers }: typeof Module) {
    const setup = (): Table => ({ claims: allocateClaims(), log: new Int32Array(new SharedArrayBuffer(32)) });
    const offerAndRevoke =
      (times: number) =>
      ({ claims, log }: Table) => {
        const offers = new Offers(claims);
        for (let n = 0; n < times; n++) {
          const number = offers.offer() as number;
          Atomics.store(log, 3 * n, number);
          if (offers.revoke(number)) Atomics.add(log, 3 * n + 2, 1);
          else assert.ok(offers.isClaimed(number), "neither revoked nor claimed");
          offers.close(number);
        }
      };
    const take =
      (times: number) =>
      ({ claims, log }: Table) => {
        for (let n = 0; n < times; n++) {
          const number = Atomics.load(log, 3 * n);
          if (number === 0) continue;
          if (claim(claims, number)) Atomics.add(log, 3 * n + 1, 1);
        }
      };
    const once = ({ log }: Table) => {
      for (let n = 0; n < 2; n++) {
        if (log[3 * n] === 0) continue;
        assert.equal(
          (log[3 * n + 1] as number) + (log[3 * n + 2] as number),
          1,
          `offer ${n}: claimed ${log[3 * n + 1]}, revoked ${log[3 * n + 2]}`,
        );
      }
    };
    return [
      scenario("one offer, taken back while it is taken up", 4, setup, [offerAndRevoke(1), take(1)], once),
      scenario("two offers, one after the other", 3, setup, [offerAndRevoke(2), take(2)], once),
    ];
  },
  mutants: [
    {
      name: "revokes without asking",
      from: "return compareExchange(this.#words, placeOf(number), offered, wordOf(number, REVOKED)) === offered;",
      to: "store(this.#words, placeOf(number), wordOf(number, REVOKED)); return true;",
    },
    {
      name: "claims what was taken back",
      from: "return compareExchange(words, placeOf(number), offered, wordOf(number, CLAIMED)) === offered;",
      to: "store(words, placeOf(number), wordOf(number, CLAIMED)); return true;",
    },
    {
      name: "takes a lost race for a won one",
      from: "wordOf(number, CLAIMED)) === offered",
      to: "wordOf(number, CLAIMED)) !== 0",
    },
    {
      name: "looks first and claims then",
      from: "return compareExchange(words, placeOf(number), offered, wordOf(number, CLAIMED)) === offered;",
      to: "if (load(words, placeOf(number)) !== offered) return false; store(words, placeOf(number), wordOf(number, CLAIMED)); return true;",
    },
  ],
};
