// An order in which every prefix is spread over the whole: samples from all over the inputs, whatever the budget lets through. (The
// first ones would not do: lists of files begin with the small or the old.)

/** The numbers below `count`, each once, beginning with 0, neighbours far apart: steps of the golden section. */
export function spreadOrder(count: number): number[] {
  const step = stepFor(count);
  return Array.from({ length: count }, (_, i) => (i * step) % count);
}

/** The nearest step to the golden section that visits all. */
function stepFor(count: number): number {
  const wanted = Math.max(1, Math.round(count * 0.618));
  for (let step = wanted; step < count; step++) if (divisor(step, count) === 1) return step;
  return 1;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
