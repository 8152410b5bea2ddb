import { conformance } from "./runner.ts";

conformance("coroutine");
