// A function that can travel; nothing ever calls it, since the workers of these tests are played.
import { portable } from "../../../src/wire/portable.ts";

export const work = portable("work", (value: unknown) => value);
