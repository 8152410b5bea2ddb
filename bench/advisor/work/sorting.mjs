// Sorting: in JavaScript, by the engine, and by a library's keys.
import lodash from "lodash";
import { sort } from "timsort";

/** @param {number} seed @param {number} count */
function numbers(seed, count) {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  });
}

/** @param {number} seed */
export function timsort(seed) {
  const list = numbers(seed, 20_000);
  sort(list, (a, b) => a - b);
  return list[100];
}

/** @param {readonly number[]} list */
export function sortList(list) {
  return [...list].sort((a, b) => a - b);
}

/** @param {number} seed */
export function lodashSortBy(seed) {
  return lodash.sortBy(
    numbers(seed, 5000).map((value) => ({ value, group: value % 13 })),
    ["group", "value"],
  )[10];
}
