// Calls npm from a script, on every platform, without a shell.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** npm's own program: the one that runs this script, else the one beside this Node. Windows refuses to start `npm.cmd` without
 *  a shell, so the JavaScript behind it is started. */
function program() {
  const beside = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
    join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  return candidates.find((path) => path?.endsWith(".js") && existsSync(path));
}

/** Runs npm and returns what it printed. Throws with npm's own words when it fails. */
export function npm(args, options = {}) {
  const path = program();
  const [command, rest] = path === undefined ? ["npm", args] : [process.execPath, [path, ...args]];
  const result = spawnSync(command, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 26, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${result.stderr || result.stdout}`);
  return result.stdout;
}
