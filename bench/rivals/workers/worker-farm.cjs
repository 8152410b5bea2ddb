// The worker's side of worker-farm, which loads it with require.

/** @param {number} a @param {number} b @param {(error: Error | null, sum: number) => void} done */
exports.add = (a, b, done) => done(null, a + b);
