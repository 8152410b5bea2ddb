import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { capacityAt, fitScale } from "../../../src/lab/usl.ts";

const law = (contention: number, coherence: number, sizes: readonly number[]) =>
  sizes.map((n) => ({ n, capacity: n / (1 + contention * (n - 1) + coherence * n * (n - 1)) }));

test("a law is found again from its own points", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.5, noNaN: true }), fc.double({ min: 0, max: 0.05, noNaN: true }), (contention, coherence) => {
      const fit = fitScale(law(contention, coherence, [1, 2, 4, 8, 16]));
      assert.ok(fit);
      assert.ok(Math.abs(fit.contention - contention) < 1e-6 && Math.abs(fit.coherence - coherence) < 1e-6, JSON.stringify(fit));
    }),
  );
});

test("one size above 1 gives contention alone, none gives nothing", () => {
  const fit = fitScale(law(0.25, 0, [1, 2]));
  assert.ok(fit && Math.abs(fit.contention - 0.25) < 1e-12);
  assert.deepEqual([fit.coherence, fit.sizes, fit.best], [0, 1, Number.POSITIVE_INFINITY]);
  assert.equal(fitScale([{ n: 1, capacity: 1 }]), undefined);
  assert.equal(fitScale([]), undefined);
  assert.equal(fitScale([{ n: 2, capacity: 0 }]), undefined);
});

test("better than ideal is ideal, and the law is never outside its range", () => {
  assert.deepEqual(fitScale([{ n: 2, capacity: 2.2 }]), { contention: 0, coherence: 0, sizes: 1, best: Number.POSITIVE_INFINITY });
  fc.assert(
    fc.property(
      fc.array(fc.record({ n: fc.integer({ min: 1, max: 64 }), capacity: fc.double({ min: 0.01, max: 100, noNaN: true }) }), {
        maxLength: 12,
      }),
      (points) => {
        const fit = fitScale(points);
        if (fit === undefined) return;
        assert.ok(fit.contention >= 0 && fit.coherence >= 0, JSON.stringify(fit));
        for (const n of [1, 2, 10, 100]) assert.ok(capacityAt(n, fit) > 0 && capacityAt(n, fit) <= n + 1e-9);
      },
    ),
  );
});

test("the best size is where the law is highest", () => {
  const fit = fitScale(law(0.05, 0.01, [1, 2, 4, 8, 16]));
  assert.ok(fit);
  const sizes = Array.from({ length: 60 }, (_, i) => i + 1);
  const highest = sizes.reduce((best, n) => (capacityAt(n, fit) > capacityAt(best, fit) ? n : best));
  assert.ok(Math.abs(highest - fit.best) <= 1, `${highest} and ${fit.best}`);
});
