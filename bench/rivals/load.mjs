// Stands in this folder and not in the build, so that packages come from bench/node_modules.

/** @param {string} name @returns {Promise<unknown>} */
export const load = (name) => import(name);
