// Parallel map: what a pool loses of the processors that it is given.
import { type Goal, shareOfLimit } from "./goals.ts";
import { type Case, type Subject, type Suite, subjectsOf } from "./suite.ts";

const { brigade, limit, rival } = subjectsOf("map");

const chunked = { label: "chunked by hand" };

function caseOf(id: string, what: string, items: number, share: number): Case {
  const limits: readonly Subject[] = [limit("plain threads", `${id}-threads`), limit("plain processes", `${id}-processes`)];
  const rivals = ["piscina", "tinypool"].flatMap((name): readonly Subject[] => [
    rival(name),
    { ...rival(name), variant: chunked, workload: `${id}-chunked` },
  ]);
  const goals: readonly Goal[] = [shareOfLimit(share, "plain threads"), shareOfLimit(share, "plain processes")];
  return { id, what, unit: "ns", better: "lower", sizes: [items], subjects: [brigade(), ...limits, ...rivals], goals };
}

export const map: Suite = {
  name: "map",
  cases: [
    caseOf("1ms", "map over items of 1 ms, one worker; per item", 200, 0.95),
    caseOf("1ms-x2", "the same with two workers", 400, 0.95),
    caseOf("50us", "map over items of 50 µs, one worker; per item", 4_000, 0.9),
    caseOf("50us-x2", "the same with two workers", 8_000, 0.9),
  ],
};
