// The file that a rival's workers run: one item, or a list of them.
import { spin, spinEach } from "./items.ts";

export const one = (item: number): number => spin(item);
export const each = (items: readonly number[]): number[] => spinEach(items);
