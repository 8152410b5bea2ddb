// npm start: the main job on real input. Builds what is missing, then compares.
//   npm start               parse the JavaScript sources that npm installed with acorn: CPU-bound
//   npm start -- --io       requests to a local HTTP server: I/O-bound
//   npm start -- --mixed    fetch sources from that server and parse them
// Everything else is passed on to `brigade compare`: npm start -- --levels serial,thread --rounds 3
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { build } from "./build.mjs";
import { root, walk } from "./files.mjs";

const args = process.argv.slice(2);
const io = take("--io");
const mixed = take("--mixed");
const examples = join("examples", "compare");
// packages whose files are worth a trip to a worker; hundreds of others hold a few lines each
const sources = "node_modules/{acorn,commander,esbuild,fast-check,oxc-parser,typescript,yaml,zod}/**/*.js";

function take(flag) {
  const at = args.indexOf(flag);
  if (at >= 0) args.splice(at, 1);
  return at >= 0;
}

/** The user's own choice of an option wins over the example's. */
function unless(flag, ...defaults) {
  return args.some((arg) => arg === flag || arg.startsWith(`${flag}=`)) ? [] : [flag, ...defaults];
}

async function startServer() {
  const server = spawn(process.execPath, [join(root, examples, "local-server.mjs"), root], { stdio: ["pipe", "pipe", "inherit"] });
  const [address] = await once(createInterface({ input: server.stdout }), "line");
  return { address, stop: () => server.stdin.end() };
}

/** Sources of a few packages, as addresses on the server: enough for a picture, and the same in every checkout. */
function addresses(server, count) {
  const folders = [["acorn"], ["commander"], ["tsx"], ["fast-check", "lib"], ["knip", "dist"]];
  const paths = folders.flatMap((folder) => walk(join(root, "node_modules", ...folder)));
  const scripts = paths.filter((path) => path.endsWith(".js")).slice(0, count);
  return scripts.map((path) => new URL(relative(root, path).replaceAll("\\", "/"), `${server}/`).href);
}

async function compare(target, ...inputs) {
  // the terminal sends Ctrl-C to all of us; the comparison shows what it has, and we wait for it
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
  const child = spawn(process.execPath, [join(root, "dist", "cli.js"), "compare", target, ...inputs], { cwd: root, stdio: "inherit" });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  const [code] = await once(child, "exit");
  return code ?? 1;
}

try {
  await build();
} catch (error) {
  console.error(`The build failed: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

if (io || mixed) {
  const server = await startServer();
  const target = mixed ? "mixed.ts#outline" : "http-io.ts#fetchPage";
  process.exitCode = await compare(
    join(examples, target),
    ...addresses(server.address, mixed ? 80 : 40),
    ...args,
    ...unless("--warmup", "4"),
  );
  server.stop();
} else {
  process.exitCode = await compare(
    join(examples, "parse-sources.ts#parseFile"),
    ...args,
    ...unless("--warmup", "40"),
    ...unless("--inputs", sources),
  );
}
