import { conformance } from "./runner.ts";

conformance("process");
