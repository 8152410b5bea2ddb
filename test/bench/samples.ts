// Cases and subjects made up for tests.
import type { Case, Role, Subject } from "../../bench/suites/suite.ts";

/** A subject whose module nobody loads. */
export function subject(name: string, role: Role): Subject {
  return { name, role, program: { kind: "node", module: `none/${name}`, installed: false } };
}

/** A case in nanoseconds, of brigade alone unless said otherwise. */
export function sampleCase(changes: Partial<Case> = {}): Case {
  const subjects = [subject("brigade", "brigade")];
  return { id: "case", what: "something", unit: "ns", better: "lower", sizes: [10], subjects, goals: [], ...changes };
}
