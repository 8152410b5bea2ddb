// I/O-bound: fetch a page and hash it. The work waits for the network nearly all the time, so coroutines on one thread are
// as fast as anything can be; a thread or a process per request would only wait more expensively.
//   npm start -- --io
import { createHash } from "node:crypto";
import { portable } from "brigade";

/** What came back. */
export interface Page {
  readonly status: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Fetches `url`. Throws when the server cannot be reached or answers with an error. */
export const fetchPage = portable("fetchPage", async (url: string): Promise<Page> => {
  const response = await fetch(url);
  const body = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new RangeError(`${new URL(url).pathname} answered ${response.status}`);
  return { status: response.status, bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
});
