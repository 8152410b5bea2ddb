// The server that the I/O examples talk to: it answers with files of a folder, each after a short, fixed wait, as a service
// across a network would. It runs in a program of its own, so that its work is on nobody's bill.
//   node examples/compare/local-server.mjs FOLDER   prints its address, and ends with its parent
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { resolve, sep } from "node:path";

const waitMs = 15;
const folder = resolve(process.argv[2] ?? ".");

const server = createServer((request, response) => {
  const path = resolve(folder, `.${decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname)}`);
  setTimeout(async () => {
    try {
      // resolve() has taken the dots away; what is now outside the folder is not for sale
      const body = path.startsWith(folder + sep) ? await readFile(path) : undefined;
      response.writeHead(body ? 200 : 404, { "content-type": "text/plain; charset=utf-8" }).end(body ?? "not found");
    } catch {
      response.writeHead(404).end("not found");
    }
  }, waitMs);
});

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on("end", () => process.exit(0)).resume();
