// What the program holds of the system: children, threads, descriptors, and what keeps it alive. Counted before and after.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Counts; `undefined` where the system cannot tell. */
export interface Census {
  readonly children: number | undefined;
  readonly threads: number | undefined;
  readonly descriptors: number | undefined;
  /** Source files open for reading. A thread that is terminated while its runtime opens a module leaves the descriptor behind:
   *  the runtime drops the answer of the system (Node 20 to 26). Nobody can close it, so it is counted apart and declared. */
  readonly sourceFiles: number;
  /** Kinds of resources that keep the program alive, sorted. */
  readonly resources: string;
}

export function takeCensus(): Census {
  const sourceFiles = count(() => descriptors().filter((name) => /\.[cm]?js(on)?$/.test(name)).length) ?? 0;
  const open = count(() => descriptors().length);
  return {
    children: count(livingChildren),
    threads: count(() => readdirSync("/proc/self/task").length),
    descriptors: open === undefined ? undefined : open - sourceFiles,
    sourceFiles,
    resources: process.getActiveResourcesInfo().sort().join(" "),
  };
}

function count(how: () => number): number | undefined {
  try {
    return how();
  } catch {
    return undefined;
  }
}

/** Children of this process; a zombie has ended and only waits to be read off. */
function livingChildren(): number {
  let living = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    let stat: string;
    try {
      stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    } catch {
      continue;
    }
    // The name in parentheses may hold anything.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (parent === String(process.pid) && state !== "Z" && state !== "X") living++;
  }
  return living;
}

/** What is there now and was not before; empty when all is back. */
export function leaked(before: Census, after: Census): string[] {
  const found: string[] = [];
  for (const what of ["children", "threads", "descriptors"] as const) {
    const [was, is] = [before[what], after[what]];
    if (was === undefined || is === undefined || is <= was) continue;
    found.push(`${what}: ${was} before, ${is} now${what === "descriptors" ? ` (${describeDescriptors()})` : ""}`);
  }
  const extra = after.resources.split(" ");
  for (const each of before.resources.split(" ")) if (extra.includes(each)) extra.splice(extra.indexOf(each), 1);
  // A timer of the wait for this census.
  const rest = extra.filter((each) => each !== "Timeout" && each !== "Immediate" && each !== "");
  if (rest.length > 0) found.push(`resources: ${rest.join(" ")}`);
  return found;
}

/** What the open descriptors are. */
function descriptors(): string[] {
  return readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return "the listing itself";
    }
  });
}

function describeDescriptors(): string {
  const kinds = new Map<string, number>();
  for (const name of descriptors()) {
    const kind = name.replace(/:\[\d+\]/, "");
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [...kinds].map(([kind, times]) => `${times} ${kind}`).join(", ");
}

/** Waits until nothing is leaked, `limitMs` at most, a wide margin; then says what still is. */
export async function untilClean(before: Census, limitMs: number): Promise<string[]> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = leaked(before, takeCensus());
    if (found.length === 0 || performance.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
