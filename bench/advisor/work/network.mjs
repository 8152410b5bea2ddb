// The network: a server of its own process on this machine that answers after a while.

/** @param {string} url */
export async function fetchText(url) {
  return (await (await fetch(url)).text()).length;
}

/** @param {string} url */
export async function fetchJson(url) {
  const rows = await (await fetch(url)).json();
  return rows.reduce((/** @type {number} */ sum, /** @type {{ readonly id: number }} */ row) => sum + row.id, 0);
}
