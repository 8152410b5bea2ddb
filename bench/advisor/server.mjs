// A web server in a process of its own: `/DELAY/BYTES` answers so many bytes of JSON after so many ms. Says its port, and ends with its
// parent.
import { createServer } from "node:http";

const bodies = new Map();

/** @param {number} bytes */
function body(bytes) {
  const known = bodies.get(bytes);
  if (known !== undefined) return known;
  const rows = Array.from({ length: Math.max(1, Math.floor(bytes / 32)) }, (_, id) => ({ id, name: `row number ${id}` }));
  const text = JSON.stringify(rows);
  bodies.set(bytes, text);
  return text;
}

const server = createServer((request, response) => {
  const [, delay = "0", bytes = "100"] = (request.url ?? "").split("/");
  const answer = () => response.writeHead(200, { "content-type": "application/json" }).end(body(Number(bytes)));
  if (Number(delay) > 0) setTimeout(answer, Number(delay));
  else answer();
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => process.exit(0));
