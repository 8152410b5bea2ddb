/** Tasks that want the lock at once; each takes it many times, so that starting them counts for little. */
export const contenders = 1_000;
