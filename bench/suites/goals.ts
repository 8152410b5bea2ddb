// Goals as data: what the bars of the project ask of brigade on a case, judged on the rows of one run.
import { digits } from "../../src/lab/text/units.ts";
import type { Row } from "../report/report.ts";
import type { Subject } from "./suite.ts";

/** A subject beside what was measured of it. */
export interface Standing {
  readonly subject: Subject;
  readonly row: Row;
}

/** What a goal's figure came out as. */
export interface Verdict {
  readonly figure: string;
  readonly met: boolean;
}

/** Something to reach on a case. */
export interface Goal {
  readonly text: string;
  /** `undefined` when what it compares was not measured. */
  judge(standings: readonly Standing[]): Verdict | undefined;
}

/** brigade's own value is at most `value`. */
export function atMost(value: number, unit: string): Goal {
  return {
    text: `≤ ${value} ${unit}`,
    judge: (standings) => {
      const own = standings.find(({ subject }) => subject.role === "brigade")?.row.value;
      return typeof own === "number" ? { figure: `${digits(own)} ${unit}`, met: own <= value } : undefined;
    },
  };
}

/** brigade costs at most `times` what the limit costs. */
export function timesLimit(times: number, limit: string): Goal {
  return {
    text: `≤ ${times}× ${limit}`,
    judge: (standings) => {
      const ratio = standings.find(({ subject }) => subject.name === `limit: ${limit}`)?.row.ratio;
      return typeof ratio === "number" ? { figure: `${digits(1 / ratio)}×`, met: 1 / ratio <= times } : undefined;
    },
  };
}

/** brigade reaches this share of what the limit does. */
export function shareOfLimit(share: number, limit: string): Goal {
  return {
    text: `≥ ${share} of ${limit}`,
    judge: (standings) => {
      const ratio = standings.find(({ subject }) => subject.name === `limit: ${limit}`)?.row.ratio;
      return typeof ratio === "number" ? { figure: digits(ratio), met: ratio >= share } : undefined;
    },
  };
}

/** brigade's value is at most `value` above that of the limit. */
export function overLimit(value: number, unit: string, limit: string): Goal {
  return {
    text: `≤ ${value} ${unit} over ${limit}`,
    judge: (standings) => {
      const own = standings.find(({ subject }) => subject.role === "brigade")?.row.value;
      const least = standings.find(({ subject }) => subject.name === `limit: ${limit}`)?.row.value;
      if (typeof own !== "number" || typeof least !== "number") return undefined;
      return { figure: `${digits(own - least)} ${unit}`, met: own - least <= value };
    },
  };
}

/** brigade is at least `times` as good as each rival that `among` picks; the figure is that of the best one. */
export function timesBetter(times: number, text: string, among: (subject: Subject) => boolean): Goal {
  return {
    text,
    judge: (standings) => {
      const measured = standings.flatMap(({ subject, row }) =>
        subject.role === "rival" && among(subject) && typeof row.ratio === "number" ? [{ ratio: row.ratio, label: row.subject }] : [],
      );
      const best = measured.sort((a, b) => a.ratio - b.ratio)[0];
      return best && { figure: `${digits(best.ratio)}× ${best.label}`, met: best.ratio >= times };
    },
  };
}

/** brigade is better than each rival that `among` picks. */
export function aheadOf(what: string, among: (subject: Subject) => boolean): Goal {
  return timesBetter(1, `better than ${what}`, among);
}

/** Picks rivals by name. */
export const named =
  (...names: readonly string[]) =>
  (subject: Subject): boolean =>
    names.includes(subject.name);

/** Picks the rivals that run on Node. */
export const inJavaScript = (subject: Subject): boolean => subject.program.kind === "node";
