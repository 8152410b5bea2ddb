// Functions that can travel. No worker calls them, since the workers of these tests are played; a full queue may.
import { sleep } from "../../../src/core/waiting.ts";
import { portable } from "../../../src/wire/portable.ts";

export const work = portable("work", (value: unknown) => value);
export const forever = portable("forever", async (): Promise<void> => sleep(3_600_000));
export const deaf = portable("deaf", () => new Promise<never>(() => {}));
