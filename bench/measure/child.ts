// The program that takes one sample: one workload in a fresh process, so that no subject meets another's garbage or inline caches.
//   node --expose-gc child.js '{"module":"coroutines/brigade","workload":"task","timeMs":150,"size":10000}'
// Prints one line, `{"value":…}`. Fails with what went wrong on stderr.
import { median } from "../../src/lab/compare/statistics.ts";
import type { Conditions, Workloads } from "./workload.ts";

/** What to sample. */
export interface Order extends Conditions {
  readonly module: string;
  readonly workload: string;
}

async function take({ module, workload, ...conditions }: Order): Promise<number> {
  const { workloads } = (await import(new URL(`../cases/${module}.js`, import.meta.url).href)) as { readonly workloads: Workloads };
  const chosen = workloads[workload];
  if (chosen === undefined) throw new RangeError(`cases/${module}.ts has no workload "${workload}".`);
  return median(await chosen(conditions));
}

const order = JSON.parse(process.argv[2] ?? "null") as Order | null;
if (order === null) {
  process.stderr.write("This program is started by `npm run bench`.\n");
  process.exitCode = 2;
} else {
  const value = await take(order);
  // What a rival leaves running must not keep the process: it ends when the line is out.
  process.stdout.write(`${JSON.stringify({ value })}\n`, () => process.exit(0));
}
