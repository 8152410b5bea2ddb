// The suite: every subject, in the order of the report.
import type { Subject } from "../case.ts";
import { errorCases } from "./errors.ts";
import { run } from "./run.ts";
import { valueCases } from "./values.ts";

export const subjects: readonly Subject[] = [run, errorCases, valueCases];
