// The universal scalability law, fitted: C(N) = N / (1 + α(N−1) + βN(N−1)), how many times the work of one that N do.
// N. J. Gunther, Guerrilla Capacity Planning (Springer 2007), ch. 5. α is contention (what must be done one at a time), β coherence (what
// each must learn of every other); β = 0 is Amdahl's law. N/C − 1 is linear in both, so they are found by ordinary least squares
// through the origin, without weights.

/** What N of something get done, in times what one does. */
export interface ScalePoint {
  readonly n: number;
  readonly capacity: number;
}

/** A fitted law. */
export interface ScaleFit {
  /** α, 0 or more. */
  readonly contention: number;
  /** β, 0 or more; 0 when there are too few sizes to tell. */
  readonly coherence: number;
  /** Different sizes above 1 that it rests on. */
  readonly sizes: number;
  /** Where more begin to do less: √((1−α)/β); `Infinity` without coherence. */
  readonly best: number;
}

/** Fits the law; `undefined` without a size above 1. With one such size only α is found. */
export function fitScale(points: readonly ScalePoint[]): ScaleFit | undefined {
  const used = points.filter(({ n, capacity }) => n > 1 && capacity > 0 && Number.isFinite(capacity));
  const sizes = new Set(used.map(({ n }) => n)).size;
  if (sizes === 0) return undefined;
  // y = αx + βz
  let [xx, xz, zz, xy, zy] = [0, 0, 0, 0, 0];
  for (const { n, capacity } of used) {
    const [x, z, y] = [n - 1, n * (n - 1), n / capacity - 1];
    xx += x * x;
    xz += x * z;
    zz += z * z;
    xy += x * y;
    zy += z * y;
  }
  const determinant = xx * zz - xz * xz;
  let contention = Math.max(0, xy / xx);
  let coherence = 0;
  if (sizes > 1) {
    const [alpha, beta] = [(xy * zz - zy * xz) / determinant, (zy * xx - xy * xz) / determinant];
    // Outside the law's range the best fit is at its edge.
    if (beta < 0) coherence = 0;
    else if (alpha < 0) [contention, coherence] = [0, Math.max(0, zy / zz)];
    else [contention, coherence] = [alpha, beta];
  }
  const best = coherence > 0 ? Math.sqrt(Math.max(0, 1 - contention) / coherence) : Number.POSITIVE_INFINITY;
  return { contention, coherence, sizes, best };
}

/** C(n) by the fit. */
export function capacityAt(n: number, { contention, coherence }: Pick<ScaleFit, "contention" | "coherence">): number {
  return n / (1 + contention * (n - 1) + coherence * n * (n - 1));
}
