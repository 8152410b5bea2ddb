// Which cases of a suite, and which subjects of them, a command means.
import { suggestion } from "../src/cli/nearest.ts";
import { UsageError } from "../src/cli/usage-error.ts";
import type { Case, Subject, Suite } from "./suites/suite.ts";

/** What was asked for; `undefined` asks for everything. */
export interface Choice {
  readonly ids?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
  /** Instead of the sizes of each case. */
  readonly size?: number | undefined;
}

/** The cases of a suite that are meant, with the subjects that are meant. Throws `UsageError` when nothing has one of the names. */
export function chooseCases(suite: Suite, { ids, names, size }: Choice): readonly Case[] {
  const known = suite.cases.map(({ id }) => id);
  for (const id of ids ?? []) {
    if (!known.includes(id)) throw new UsageError(`${suite.name} has no case "${id}".${suggestion(id, known)} It has ${known.join(", ")}.`);
  }
  const cases = suite.cases.filter(({ id }) => ids === undefined || ids.includes(id));
  const knownNames = [...new Set(cases.flatMap(({ subjects }) => subjects.map((subject) => subject.name)))];
  for (const name of names ?? []) {
    if (!cases.some(({ subjects }) => subjects.some((subject) => answersTo(subject, name))))
      throw new UsageError(`Nothing here is measured for "${name}".${suggestion(name, knownNames)} There are ${knownNames.join(", ")}.`);
  }
  const meant = (subject: Subject): boolean => names === undefined || names.some((name) => answersTo(subject, name));
  return cases
    .map((one) => ({ ...one, subjects: one.subjects.filter(meant), sizes: size === undefined ? one.sizes : [size] }))
    .filter(({ subjects }) => subjects.length > 0);
}

/** A subject answers to its name, and all limits to `limit`. */
const answersTo = ({ name, role }: Subject, wanted: string): boolean => name === wanted || role === wanted;
