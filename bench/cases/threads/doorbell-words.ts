/** Words of the memory that limits.ts shares with its worker; far enough apart for a cache line each. */
export const words = { bell: 0, a: 16, b: 32, sum: 48, count: 64 } as const;
