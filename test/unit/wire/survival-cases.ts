// What survives a crossing: the table that drives survival.test.ts and from which docs/values.md is generated.
import { classes, errors, refused } from "./survival-objects.ts";
import type { SurvivalSection } from "./survival-table.ts";
import { builtins, containers, primitives } from "./survival-values.ts";

/** The whole table. */
export const sections: readonly SurvivalSection[] = [primitives, containers, builtins, errors, classes, refused];
