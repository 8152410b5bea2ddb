import { conformance } from "./runner.ts";

conformance("thread");
