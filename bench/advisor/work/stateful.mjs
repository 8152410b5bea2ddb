// What must not move: results that depend on the calls before, and a thread that may not change the directory.
import { chdir, cwd } from "node:process";
import lodash from "lodash";

/** @param {string} prefix */
export const uniqueId = (prefix) => lodash.uniqueId(prefix);

/** @param {string} folder */
export function inFolder(folder) {
  const before = cwd();
  chdir(folder);
  let state = folder.length;
  for (let i = 0; i < 3_000_000; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  chdir(before);
  return state;
}
