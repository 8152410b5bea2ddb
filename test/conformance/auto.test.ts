// The executor that chooses passes what its lighter level passes.
import { conformance } from "./runner.ts";

conformance("coroutine", "auto");
