import { conformance } from "./runner.ts";

conformance("serial");
