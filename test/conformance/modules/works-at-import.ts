// A module that starts work when it is imported.
import { portable, threads } from "../../../src/runtime/index.ts";

export const quiet = portable("quiet", () => "quiet");
void threads.run(quiet).catch(() => {});
