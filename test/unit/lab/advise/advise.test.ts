// The whole way, on real functions: programs, profile, trial. Classes are told by wide margins: what they rest on is that waiting is not
// computing, and never on how fast this machine is.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { moduleFunctions } from "../../../../src/runtime/index.ts";
import { advise, renderText } from "../../../../src/runtime/lab.ts";
import { isAlive } from "../../../cli/run.ts";

interface Work {
  tiny(input: string): number;
  nap(input: string): Promise<string>;
  heavy(input: string): number;
  hash(input: string): Promise<string>;
  counter(input: string): string;
  random(input: string): number;
  closure(input: string): () => string;
  chdir(input: string): string;
  fails(input: string): never;
  forever(input: string): never;
}

const folder = mkdtempSync(join(tmpdir(), "brigade-advise-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(
  join(folder, "work.mjs"),
  `import { scrypt } from "node:crypto";
  import { writeFileSync } from "node:fs";
  import { join } from "node:path";
  export const tiny = (text) => text.length;
  export const nap = (text) => new Promise((resolve) => setTimeout(() => resolve(text), 40));
  export function heavy(text) { let x = text.length; for (let i = 0; i < 6e6; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0; return x; }
  export const hash = (text) => new Promise((resolve, reject) =>
    scrypt(text, "salt", 16, { N: 16384 }, (error, key) => (error ? reject(error) : resolve(key.toString("hex")))));
  let calls = 0;
  export const counter = (text) => text + calls++;
  export const random = () => Math.random();
  export const closure = (text) => () => text;
  export const chdir = (text) => { process.chdir("."); return text; };
  export const fails = (text) => { throw new RangeError("no " + text); };
  export const forever = (text) => { writeFileSync(join(text, String(process.pid)), ""); for (;;); };
  `,
);
const work = moduleFunctions<Work>(join(folder, "work.mjs"));
const samples = ["a", "bb", "ccc", "dddd", "eeeee"];
const one = { sizes: [1], rounds: 3 } as const;

test("a tiny function stays where it is; the advice is plain data with its evidence and can be shown", async () => {
  const advice = await advise(work.tiny, samples, one);
  assert.equal(advice.level, "serial");
  assert.equal(advice.chunk, 1);
  assert.deepEqual(structuredClone(advice), advice);
  const { profile, evidence } = advice;
  assert.deepEqual([profile.inputs, profile.sampled, profile.isAsync, profile.failed], [5, 5, false, 0]);
  assert.deepEqual(profile.purity, { kind: "same", checked: ["thread"] });
  assert.equal(evidence.kind, "comparison");
  assert.deepEqual([evidence.levels[0]?.level, evidence.verdict.level], ["serial", "serial"]);
  assert.ok(evidence.levels.every(({ equal, samplesMs }) => equal && samplesMs.length >= 1));
  for (const width of [80, 120]) {
    const text = renderText(advice, { width });
    assert.match(text, /Recommended: serial/);
    for (const line of text.split("\n")) assert.ok(line.length <= width, line);
  }
});

test("what waits goes to coroutines: many at once in the time of one", async () => {
  const advice = await advise(work.nap, samples, one);
  assert.equal(advice.level, "coroutine");
  assert.ok(advice.cpuShare < 0.5 && advice.measuredSpeedup > 2 && advice.predictedSpeedup > 2, JSON.stringify(advice.reasons));
  assert.ok(advice.profile.waitMs > 20 && advice.profile.poolMs < 20);
});

test("what computes is seen as computing, and where a second processor helps it goes to workers", async () => {
  const advice = await advise(work.heavy, samples, { levels: ["serial", "thread"], sizes: [availableParallelism()], rounds: 3 });
  const { profile, evidence } = advice;
  assert.ok(advice.cpuShare > 0.9 && profile.poolMs === 0 && profile.together === undefined);
  const [serial, threads] = evidence.levels;
  // on a machine that is busy with other things threads gain nothing, and are not advised then
  const gain = (serial?.wallMs ?? 0) / (threads?.wallMs ?? 1);
  if (gain > 1.6 && evidence.levels.every(({ samplesMs }) => Math.max(...samplesMs) < 1.3 * Math.min(...samplesMs))) {
    assert.equal(advice.level, "thread");
  }
  if (gain < 1) assert.equal(advice.level, "serial");
});

test("what libuv's pool computes is not pushed onto threads", async () => {
  const advice = await advise(work.hash, samples, { ...one, levels: ["serial", "coroutine", "thread"] });
  assert.ok(["serial", "coroutine"].includes(advice.level), JSON.stringify(advice.reasons));
  const { profile } = advice;
  assert.ok(profile.poolMs > 4 * profile.cpuMs, `${profile.poolMs} on the pool, ${profile.cpuMs} on its thread`);
  assert.match(advice.reasons.join(" "), /libuv's pool/);
});

const impure: readonly (readonly [keyof Work, "stateful" | "varies", RegExp])[] = [
  ["counter", "stateful", /depends on the calls before it/],
  ["random", "varies", /another result each time/],
];
for (const [name, kind, why] of impure) {
  test(`${name} is found out and stays here`, async () => {
    const advice = await advise(work[name], samples, { ...one, levels: ["serial", "thread"] });
    assert.equal(advice.level, "serial");
    assert.equal(advice.profile.purity.kind, kind);
    assert.match(advice.reasons.join(" "), why);
    assert.ok(advice.forecasts.some(({ level, objection }) => level === "thread" && objection !== undefined));
  });
}

test("a result that cannot travel keeps a function here, with the path of what cannot", async () => {
  const advice = await advise(work.closure, samples, one);
  assert.equal(advice.level === "serial" || advice.level === "coroutine", true);
  assert.ok(!advice.profile.travel.possible && advice.profile.travel.what === "result");
  assert.match(advice.reasons.join(" "), /its result cannot travel to a worker/);
});

test("what a thread may not do is found out, and is not held against processes", async () => {
  const advice = await advise(work.chdir, samples, one);
  const { purity } = advice.profile;
  assert.ok(purity.kind === "same" && purity.differs?.where === "thread" && purity.checked.includes("process"));
  assert.match(advice.reasons.join(" "), /Not on a thread: .*chdir/);
});

test("a function that always fails: said first", async () => {
  const advice = await advise(work.fails, samples, { ...one, levels: ["serial", "thread"] });
  assert.equal(advice.level, "serial");
  assert.match(advice.reasons[0] ?? "", /every sample fails \(RangeError: no /);
});

test("what makes no sense is refused before anything runs", async () => {
  await assert.rejects(advise(work.tiny, []), { name: "RangeError", message: /no sample given/ });
  await assert.rejects(advise(work.tiny, samples, { rounds: 0 }), { name: "RangeError", message: /rounds must be a positive integer/ });
  await assert.rejects(advise(work.tiny, samples, { levels: ["cluster"] }), RangeError);
  await assert.rejects(advise(work.tiny, samples, { sizes: [0] }), RangeError);
  await assert.rejects(advise(work.tiny, [(() => 1) as never]), { name: "NotSerializableError" });
  await assert.rejects(advise((() => 1) as never, ["a"]), { name: "NotPortableError" });
  await assert.rejects(advise(moduleFunctions<Work>(join(folder, "none.mjs")).tiny, samples), { code: "ERR_BRIGADE_UNSUPPORTED" });
});

test("a cancel leaves nothing: the spinning program is gone", async () => {
  const pids = mkdtempSync(join(tmpdir(), "brigade-advise-pids-"));
  const controller = new AbortController();
  const running = advise(work.forever, [pids], { ...one, signal: controller.signal });
  const entered = new Promise<number>((resolve) => {
    const look = setInterval(() => {
      const [pid] = readdirSync(pids);
      if (pid === undefined) return;
      clearInterval(look);
      resolve(Number(pid));
    }, 20);
  });
  const pid = await entered;
  controller.abort();
  await assert.rejects(running, { name: "AbortError" });
  assert.ok(!isAlive(pid), "it was killed before the rejection");
  rmSync(pids, { recursive: true, force: true });
});
