// Values there and back: what the codec and the transports cost beside what the platform does by itself.
import { named, timesBetter } from "./goals.ts";
import { type Case, type Subject, type Suite, subjectsOf } from "./suite.ts";

const { brigade } = subjectsOf("payloads");

const platform = (name: string, workload?: string): Subject => ({
  name,
  role: "rival",
  program: { kind: "node", module: "payloads/platform", installed: false },
  ...(workload === undefined ? {} : { workload }),
});

const objects = {
  "1KB": "a record, 0.7 KB of JSON",
  "10KB": "a page of twelve records, 8.5 KB of JSON",
  records: "an array of 100 small records",
  text: "Russian, Chinese, Japanese and Korean text",
} as const;
const bytes = { "1MB": "1 MB", "64MB": "64 MB" } as const;
const names = Object.keys(objects) as readonly (keyof typeof objects)[];
const lengths = Object.keys(bytes) as readonly (keyof typeof bytes)[];

const common = { unit: "ns", better: "lower" } as const;
const noSlower = (name: string) => timesBetter(1, `no slower than ${name}`, (subject) => named(name)(subject));
const operations = { "1MB": 20, "64MB": 2 } as const;

const codec = names.map(
  (name): Case => ({
    ...common,
    id: `codec-${name}`,
    what: `${objects[name]}, encoded and decoded on one thread; per value`,
    sizes: [200],
    subjects: [
      brigade(),
      platform("structuredClone", `structuredClone-${name}`),
      platform("JSON", `json-${name}`),
      platform("v8.serialize", `v8-${name}`),
    ],
    goals: [noSlower("structuredClone")],
  }),
);

const objectsOf = (level: string, rival: string): readonly Case[] =>
  names.map((name) => ({
    ...common,
    id: `${level}-${name}`,
    what: `${objects[name]}, to a ${level} and back, 32 at a time; per value`,
    sizes: [1_000],
    subjects: [brigade(), platform(rival)],
    goals: [noSlower(rival)],
  }));

const bytesOf = (level: string, rival: string, what: string, suffix = "", times = 1): readonly Case[] =>
  lengths.map((length) => ({
    ...common,
    id: `${level}-${length}${suffix}`,
    what: `${bytes[length]} to a ${level} and back, ${what}; per round trip`,
    sizes: [operations[length]],
    subjects: [brigade(), platform(rival)],
    goals: [times === 1 ? noSlower(rival) : timesBetter(times, `≥ ${times}× ${rival}`, (subject) => named(rival)(subject))],
  }));

export const payloads: Suite = {
  name: "payloads",
  cases: [
    ...codec,
    ...objectsOf("thread", "postMessage"),
    ...bytesOf("thread", "postMessage", "copied"),
    ...bytesOf("thread", "postMessage", "moved by `transfer`", "-moved"),
    ...bytesOf("thread", "postMessage", "in a SharedArrayBuffer", "-shared"),
    ...objectsOf("process", "fork IPC advanced"),
    ...bytesOf("process", "fork IPC advanced", "copied"),
    ...bytesOf("process", "fork IPC advanced", "in an arena between processes, beside copies", "-shared", 5),
  ],
};
