// What the host of host.test.ts is asked to run. `entered` tells which code was really entered.
import { portable } from "../../../src/wire/portable.ts";

// One list for every evaluation of this module: the tests load it under several URLs to have it loaded anew.
const shared = globalThis as { brigadeHostTest?: { entered: unknown[]; latch: { open?: (() => void) | undefined } } };
shared.brigadeHostTest ??= { entered: [], latch: {} };

export const { entered, latch } = shared.brigadeHostTest;

export const give = portable("give", (value: unknown) => {
  entered.push(value);
  return value;
});

export const unclonable = portable("unclonable", () => ({ deep: [() => {}] }));

export const hold = portable("hold", async (value: unknown) => {
  entered.push(value);
  await new Promise<void>((resolve) => {
    latch.open = resolve;
  });
  return value;
});

export const listen = portable("listen", async (signal: AbortSignal) => {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return (signal.reason as Error).message;
});
