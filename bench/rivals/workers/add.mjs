// The worker's side of piscina and tinypool.

/** @param {{ a: number, b: number }} pair @returns {number} */
export const addPair = ({ a, b }) => a + b;
