// The other side of fork.ts.
process.on("message", ({ id, a, b }: { id: number; a: number; b: number }) => {
  process.send?.({ id, sum: a + b });
});
