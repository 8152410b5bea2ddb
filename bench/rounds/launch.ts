// How each subject is started, found out once before the first round.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Order } from "../measure/child.ts";
import type { Conditions } from "../measure/workload.ts";
import { benchFolder } from "../project.ts";
import type { Case, Program, Subject } from "../suites/suite.ts";
import { buildGo, findPython, installPackages, packageVersion, type Tool } from "./tools.ts";

/** A program with its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a subject is started, or why it cannot be; `label` is what the report calls it. */
export type Launch = { readonly label: string } & ({ readonly command: CommandFor } | { readonly missing: string });
type CommandFor = (bench: Case, conditions: Conditions) => Command;

const child = fileURLToPath(new URL("../measure/child.js", import.meta.url));
const notLookedFor: Tool = { missing: "nobody asked for it" };

/** Finds out how subjects are started on the Node `node`; installs, looks for and compiles what the ones given need, and no more. */
export async function prepareLaunches(subjects: Iterable<Subject>, node: string): Promise<(subject: Subject) => Launch> {
  const programs = [...subjects].map(({ program }) => program);
  const needed = (kind: Program["kind"]): boolean => programs.some((program) => program.kind === kind);
  const failure = programs.some((program) => program.kind === "node" && program.installed) ? await installPackages() : undefined;
  const python = needed("python") ? findPython() : notLookedFor;
  const go = needed("go") ? buildGo() : notLookedFor;

  return (subject) => {
    const { name, program, variant, workload } = subject;
    const env = variant?.env ?? {};
    const settings = variant?.settings && { settings: variant.settings };
    const label = (version: string | undefined): string =>
      `${version === undefined ? name : `${name}@${version}`}${variant === undefined ? "" : ` ${variant.label}`}`;
    const foreign = (tool: Tool, args: (workload: string) => readonly string[]): Launch => {
      if ("missing" in tool) return { label: label(undefined), missing: tool.missing };
      const { file, version } = tool;
      return {
        label: label(version),
        command: ({ id }, { size, timeMs }) => ({ file, args: [...args(workload ?? id), String(size), String(timeMs)], env }),
      };
    };
    switch (program.kind) {
      case "python":
        // -B: leaves no compiled files beside the sources.
        return foreign(python, (key) => ["-B", join(benchFolder, "rivals", "python", program.script), key]);
      case "go":
        return foreign(go, (key) => [`${program.section}/${key}`]);
      case "node": {
        if (program.installed && failure !== undefined) return { label: label(undefined), missing: `could not be installed: ${failure}` };
        return {
          label: label(program.installed ? packageVersion(name) : undefined),
          command: ({ id }, conditions) => {
            const order: Order = { module: program.module, workload: workload ?? id, ...conditions, ...settings };
            return { file: node, args: ["--expose-gc", child, JSON.stringify(order)], env };
          },
        };
      }
    }
  };
}
