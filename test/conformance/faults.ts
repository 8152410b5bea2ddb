// The fault table: everything that is injected, on every level that can have it.
import type { Fault } from "./fault.ts";
import { cancellingFaults } from "./faults/cancelling.ts";
import { childFaults } from "./faults/children.ts";
import { closingFaults } from "./faults/closing.ts";
import { deathFaults } from "./faults/deaths.ts";
import { endlessFaults } from "./faults/endless.ts";
import { importFaults } from "./faults/imports.ts";
import { parentFaults } from "./faults/parents.ts";
import { startFaults } from "./faults/starts.ts";
import { strayFaults } from "./faults/strays.ts";
import { thrownFaults } from "./faults/throws.ts";
import { valueFaults } from "./faults/values.ts";

export const faults: readonly Fault[] = [
  ...thrownFaults,
  ...valueFaults,
  ...deathFaults,
  ...endlessFaults,
  ...strayFaults,
  ...closingFaults,
  ...cancellingFaults,
  ...importFaults,
  ...childFaults,
  ...startFaults,
  ...parentFaults,
];
