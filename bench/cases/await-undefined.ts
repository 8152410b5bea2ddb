// The least that any switch from one task to another costs: two of them, taking turns by `await undefined`.
import { perOperation } from "../measure/per-operation.ts";
import { brigade } from "../shipped.ts";

const { withTaskGroup } = brigade;

async function giveWay(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await undefined;
}

/** Inside tasks of brigade, and so in a context: on Node 20 every await in one costs three times as much. */
export const awaitInTask = perOperation((n) =>
  withTaskGroup((group) => {
    for (let i = 0; i < 2; i++) group.run(() => giveWay(n / 2));
  }),
);

/** In a program that has no context. */
export const awaitOutside = perOperation((n) => Promise.all([giveWay(n / 2), giveWay(n / 2)]));
