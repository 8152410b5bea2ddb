// What a child may do, as flags of Node's permission model. Brigade's own files stay readable, else no child could start;
// the modules that the tasks come from are the caller's to name in `read`.
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { UnsupportedError } from "../../contract/errors.ts";
import type { Permissions } from "../../contract/executor.ts";
import { underPermissionModel } from "../pool/runtime-arguments.ts";

/** The flags for a child whose entry is `bootPath`. Relative paths are taken from this program's working directory. Throws
 *  `UnsupportedError` where the runtime has no permission model, or is itself under it: flags add up there, so that a child
 *  could be given more than was asked for. */
export function permissionFlags(permissions: Permissions, bootPath: string): string[] {
  const model = modelFlags();
  if (model === undefined) {
    throw new UnsupportedError(
      "permissions: this runtime has no permission model; use Node 20 or later, or leave them out.",
      "permissions",
    );
  }
  if (underPermissionModel()) {
    throw new UnsupportedError(
      "permissions: this program itself runs under the permission model, which its workers inherit; leave them out.",
      "permissions",
    );
  }
  const canRefuseNet = runtimeFlags()?.has("--allow-net") === true;
  if (permissions.net === false && !canRefuseNet) {
    throw new UnsupportedError(
      `permissions.net: Node ${process.versions.node} cannot refuse the network to a process; use a newer Node, a container or a firewall, or leave it out.`,
      "permissions.net",
    );
  }
  return [
    ...model,
    ...(permissions.net === true && canRefuseNet ? ["--allow-net"] : []),
    ...[...ownFiles(bootPath), ...paths("read", permissions.read)].map((path) => `--allow-fs-read=${path}`),
    ...paths("write", permissions.write).map((path) => `--allow-fs-write=${path}`),
    ...(permissions.childProcess === true ? ["--allow-child-process"] : []),
    ...(permissions.worker === true ? ["--allow-worker"] : []),
    ...(permissions.addons === true ? ["--allow-addons"] : []),
    ...(permissions.wasi === true ? ["--allow-wasi"] : []),
  ];
}

function runtimeFlags(): ReadonlySet<string> | undefined {
  return process.allowedNodeEnvironmentFlags as ReadonlySet<string> | undefined;
}

function modelFlags(): readonly string[] | undefined {
  const known = runtimeFlags();
  if (known?.has("--permission")) return ["--permission"];
  // The warning would be the first line that every worker prints.
  if (known?.has("--experimental-permission")) return ["--experimental-permission", "--disable-warning=ExperimentalWarning"];
  return undefined;
}

function paths(what: "read" | "write", list: readonly string[] | undefined): string[] {
  return (list ?? []).map((path, index) => {
    if (typeof path !== "string" || path === "")
      throw new TypeError(`permissions.${what}[${index}] must be a path, got ${JSON.stringify(path)}.`);
    return path === "*" ? path : resolve(path);
  });
}

/** The smallest folder that holds both the boot file and this file (`dist` when shipped), and the package.json above them,
 *  without which Node takes the boot file for CommonJS. */
function ownFiles(bootPath: string): string[] {
  let folder = dirname(bootPath);
  const here = fileURLToPath(import.meta.url);
  while (relative(folder, here).startsWith(`..${sep}`) && dirname(folder) !== folder) folder = dirname(folder);
  const files = [folder];
  for (let above = dirname(bootPath); ; above = dirname(above)) {
    const description = join(above, "package.json");
    if (existsSync(description)) {
      files.push(description);
      break;
    }
    if (dirname(above) === above) break;
  }
  return files;
}
