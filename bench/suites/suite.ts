// What a suite is: cases, each with the programs that are measured on it and the goals that brigade has to reach there.
import type { Settings } from "../measure/workload.ts";
import type { Goal } from "./goals.ts";

/** `npm run bench -- NAME`. */
export interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** One thing that brigade and others are measured on. Ids, units and goals are fixed by the project's bars. */
export interface Case {
  readonly id: string;
  /** What one value stands for, in one line. */
  readonly what: string;
  readonly unit: string;
  /** Which value is the better one; every ratio reads "brigade is this many times better". */
  readonly better: "lower" | "higher";
  /** Operations, tasks or items at a time. With several, each is a row of its own, and the row of the case is the last over the first. */
  readonly sizes: readonly number[];
  /** brigade, its limits, its rivals. */
  readonly subjects: readonly Subject[];
  readonly goals: readonly Goal[];
}

/** brigade itself, the physics that it is held against, or somebody else's program. */
export type Role = "brigade" | "limit" | "rival";

/** One program on one case. */
export interface Subject {
  /** `brigade`, `limit: what it is`, or the rival's name; the report adds the rival's version. */
  readonly name: string;
  readonly role: Role;
  readonly program: Program;
  /** Key of the workload in the program; default the id of the case. */
  readonly workload?: string;
  /** Settings that are not the default ones. */
  readonly variant?: Variant;
}

/** A rival at other settings than its defaults: its label, and what brings them about. */
export interface Variant {
  readonly label: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Handed to the workload of a Node subject. */
  readonly settings?: Settings;
}

/** How a sample is taken: in a module below `cases/`, in a Python script or by the Go program, all below this folder. */
export type Program =
  | { readonly kind: "node"; readonly module: string /** Comes from `bench/package.json`. */; readonly installed: boolean }
  | { readonly kind: "python"; readonly script: string }
  | { readonly kind: "go"; readonly section: string };

/** The subjects of one suite: their modules stand in `cases/SUITE/`, their scripts in `rivals/`. */
export function subjectsOf(suite: string) {
  const node = (file: string, installed: boolean): Program => ({ kind: "node", module: `${suite}/${file}`, installed });
  return {
    brigade: (): Subject => ({ name: "brigade", role: "brigade", program: node("brigade", false) }),
    limit: (what: string, workload: string): Subject => ({
      name: `limit: ${what}`,
      role: "limit",
      program: node("limits", false),
      workload,
    }),
    rival: (name: string, variant?: Variant): Subject => ({
      name,
      role: "rival",
      program: node(name, true),
      ...(variant && { variant }),
    }),
    /** What somebody would write with the engine alone, without a package. */
    handmade: (name: string, file: string, variant?: Variant): Subject => ({
      name,
      role: "rival",
      program: node(file, false),
      ...(variant && { variant }),
    }),
    asyncio: (): Subject => ({ name: "asyncio", role: "rival", program: { kind: "python", script: `${suite}.py` } }),
    go: (variant?: Variant): Subject => ({
      name: "go",
      role: "rival",
      program: { kind: "go", section: suite },
      ...(variant && { variant }),
    }),
  };
}

/** Go with its scheduler on one processor: faster where goroutines take turns, as all of brigade's do. */
export const oneProcessor: Variant = { label: "GOMAXPROCS=1", env: { GOMAXPROCS: "1" } };
