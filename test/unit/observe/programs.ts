// Programs of their own that are watched: where the state of a whole process matters. What is found is printed on the spot, so that nothing
// is missing that is found only when the program ends.
import { spawn } from "node:child_process";
import type { Finding } from "../../../src/observe/finding.ts";

/** How a program ended, and what was found in it. */
export interface Watched {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly findings: readonly WatchedFinding[];
}

/** What a program was doing when it was told, if it said so. */
export type WatchedFinding = Finding & { readonly during?: string };

/** What a program may be given. */
export interface WatchedOptions {
  /** Options of `watch`, as source text; `undefined` does not watch. */
  readonly watch?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** Flags of Node. */
  readonly flags?: readonly string[];
}

/** Long against any program here on a busy machine. */
const limitMs = 90_000;
const mark = "finding: ";
const urlOf = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

const imports = `
  import { writeSync } from "node:fs";
  import { channel } from "node:diagnostics_channel";
  import * as brigade from ${urlOf("../../../src/runtime/index.js")};
  import { watch } from ${urlOf("../../../src/runtime/observe.js")};
  import { Mutex } from ${urlOf("../../../src/sync/mutex.js")};
  import { Semaphore } from ${urlOf("../../../src/sync/semaphore.js")};
  import { Condition } from ${urlOf("../../../src/sync/condition.js")};
  import { Event } from ${urlOf("../../../src/sync/event.js")};
  import { Barrier } from ${urlOf("../../../src/sync/barrier.js")};
  import { Channel } from ${urlOf("../../../src/channels/channel.js")};
  import { blockFor } from ${urlOf("../../../src/memory/atomics.js")};
  import { fail, spin, watchAndSpin } from ${urlOf("work.js")};
  const { coroutines, serial, threads, sleep, withTaskGroup, checkpoint } = brigade;
  /** Time that code really ran: on a busy machine it gets little of what passes. */
  const cpuMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e3; };
  let now;
  const during = (name) => { now = name; };
  let seen = false;
  /** Resolves once the watchdog is at work: on a busy machine that may take its time. */
  async function watchdog() {
    const busy = () => { const end = cpuMs() + 500; while (cpuMs() < end); };
    during("warm-up");
    while (!seen) { busy(); await sleep(400); }
    during(undefined);
  }
  channel("brigade:finding").subscribe((finding) => {
    if (now === "warm-up") { seen ||= finding.stack !== ""; return; }
    const error = finding.error instanceof Error ? finding.error.message : undefined;
    writeSync(1, ${JSON.stringify(mark)} + JSON.stringify({ ...finding, error, during: now }) + "\\n");
  });
`;

/** The line on which the body of a watched program begins. */
export const firstLine = imports.split("\n").length + 1;

/** Runs a program, an ES module that may use all of brigade by name, to its end. */
export function watched(body: string, { watch = "{}", env = {}, flags = [] }: WatchedOptions = {}): Promise<Watched> {
  return unwatched(`watch(${watch});\n${body}`, { env, flags });
}

/** The same, unless the body watches by itself. */
export function unwatched(body: string, { env = {}, flags = [] }: Omit<WatchedOptions, "watch"> = {}): Promise<Watched> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, "--input-type=module", "-"], {
      timeout: limitMs,
      killSignal: "SIGKILL",
      env: { ...process.env, NODE_OPTIONS: undefined, NODE_TEST_CONTEXT: undefined, BRIGADE_WATCH: undefined, ...env },
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const lines = stdout.split("\n").filter((line) => line.startsWith(mark));
      resolve({ code, signal, stdout, stderr, findings: lines.map((line) => JSON.parse(line.slice(mark.length)) as WatchedFinding) });
    });
    child.stdin.end(imports + body);
  });
}

/** Two at a time: the machine may have no more cores, and blocked loops are a matter of time. */
export async function inTurn<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await run(items[at] as T);
    }
  };
  await Promise.all([worker(), worker()]);
  return results;
}
