// Credit by property: whatever the order in which producer, reader and frames take their turns, the producer is never further ahead than
// the window, and neither ever waits for the other for ever.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Allowance, type Credit, CreditWindow, type Lead } from "../../../src/executors/pool/stream/credit.ts";

/** A producer and a reader with frames on their way between them, in order. */
class Course {
  readonly lead: Lead;
  readonly window: CreditWindow;
  readonly allowance: Allowance;
  /** Weights of items that were sent, with "wanting" at the end of a batch that used up the credit; and credits. */
  readonly toReader: { readonly weight: number; readonly wanting: boolean }[] = [];
  readonly toProducer: Credit[] = [];
  readonly arrived: number[] = [];
  wanting = false;
  reading = false;
  made = 0;
  read = 0;
  /** Bytes made and not read. */
  ahead = 0;
  heaviest = 0;

  constructor(lead: Lead) {
    this.lead = lead;
    this.window = new CreditWindow(lead);
    this.allowance = new Allowance(this.window.first);
  }

  produce(weight: number): boolean {
    if (this.allowance.isSpent) return false;
    this.allowance.spend(weight);
    this.made++;
    this.ahead += weight;
    this.heaviest = Math.max(this.heaviest, weight);
    this.toReader.push({ weight, wanting: this.allowance.wantsItems });
    return true;
  }

  deliverItem(): boolean {
    const item = this.toReader.shift();
    if (item === undefined) return false;
    this.wanting = item.wanting;
    this.arrived.push(item.weight);
    this.#serve();
    return true;
  }

  deliverCredit(): boolean {
    const credit = this.toProducer.shift();
    if (credit === undefined) return false;
    this.allowance.grant(credit);
    return true;
  }

  ask(): boolean {
    if (this.reading) return false;
    this.reading = true;
    this.#serve();
    return true;
  }

  #serve(): void {
    if (!this.reading) return;
    const weight = this.arrived.shift();
    if (weight === undefined) {
      this.#grant(this.window.starved(this.wanting));
      this.wanting = false;
      return;
    }
    this.reading = false;
    this.read++;
    this.ahead -= weight;
    this.#grant(this.window.taken(weight));
  }

  #grant(credit: Credit | undefined): void {
    if (credit === undefined) return;
    assert.ok(credit.items >= 0 && credit.bytes >= 0);
    this.toProducer.push(credit);
  }

  check(): void {
    assert.ok(this.made - this.read <= this.lead.most, `${this.made - this.read} items ahead`);
    assert.ok(this.ahead <= this.lead.bytes + this.heaviest, `${this.ahead} bytes ahead`);
  }
}

const leads = fc.record({
  first: fc.integer({ min: 1, max: 8 }),
  more: fc.integer({ min: 0, max: 40 }),
  bytes: fc.integer({ min: 1, max: 64 }),
  lockstep: fc.boolean(),
});
const turns = fc.array(fc.record({ who: fc.integer({ min: 0, max: 3 }), weight: fc.integer({ min: 0, max: 100 }) }), { maxLength: 300 });

test("never further ahead than the window, and never stuck", () => {
  fc.assert(
    fc.property(leads, turns, ({ first, more, bytes, lockstep }, schedule) => {
      const course = new Course({ first, most: first + more, bytes, lockstep });
      for (const { who, weight } of schedule) {
        if (who === 0) course.produce(weight);
        else if (who === 1) course.deliverItem();
        else if (who === 2) course.deliverCredit();
        else course.ask();
        course.check();
      }
      // From wherever it stands: a reader that goes on reading gets a hundred more items.
      for (let goal = course.read + 100; course.read < goal; course.check()) {
        const moved = [course.ask(), course.deliverItem(), course.deliverCredit(), course.produce(7)];
        assert.ok(moved.includes(true), "stuck");
      }
    }),
    { numRuns: 2_000 },
  );
});

test("in lockstep nothing is made while the reader works", () => {
  const course = new Course({ first: 1, most: 1, bytes: 10, lockstep: true });
  for (let read = 1; read <= 5; read++) {
    course.ask();
    course.deliverCredit();
    assert.equal(course.produce(3), true);
    course.deliverItem();
    course.deliverCredit();
    assert.deepEqual([course.read, course.produce(3)], [read, false]);
  }
});
