// What the tests of findings share: watching for a while, and a clock that moves by itself.
import type { Finding, FindingCode } from "../../../src/observe/finding.ts";
import { type Findings, type WatchOptions, watch } from "../../../src/observe/watch.ts";
import { type VirtualClock, withVirtualClock } from "../../../src/testing/virtual-clock.ts";

/** Everything that is found while `fn` runs. The event loop is not watched: its time is the machine's. */
export async function findingsOf(fn: () => unknown, options: WatchOptions = {}): Promise<Finding[]> {
  const stop = new AbortController();
  const findings = watch({ blockedLoopMs: 0, ...options, signal: stop.signal });
  await fn();
  // What was found in the last microtask is told in the next.
  await new Promise<void>((resolve) => setImmediate(resolve));
  stop.abort();
  return collected(findings);
}

/** The same on a clock that jumps over the time in which all wait: what lasts for ever is found at once. */
export async function findingsInVirtualTime(fn: (clock: VirtualClock) => unknown, options: WatchOptions = {}): Promise<Finding[]> {
  return withVirtualClock((clock) => findingsOf(() => fn(clock), options), { seed: 1 });
}

/** What is left to be read. */
export async function collected(findings: Findings): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of findings) found.push(finding);
  return found;
}

/** The findings of one code. */
export function only<F extends Finding, C extends FindingCode>(findings: readonly F[], code: C): Extract<F, { readonly code: C }>[] {
  return findings.filter((finding): finding is Extract<F, { readonly code: C }> => finding.code === code);
}
