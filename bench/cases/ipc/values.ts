// What is sent.
export const record = { id: 4_711, name: "Rosa Luxemburg", tags: ["a", "b"], at: 1_700_000_000_000, ok: true };
export const megabyte = new Uint8Array(2 ** 20).fill(7);
