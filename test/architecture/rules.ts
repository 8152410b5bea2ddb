// The floor plan as a function: from a map of path → source to what is wrong with it. Floors and rooms: ARCHITECTURE.md.
import type { Mention } from "./scan.ts";
import { mentions, namesIdentifier, tokenize } from "./scan.ts";

/** One thing that the floor plan forbids. */
export interface Violation {
  readonly rule: "up" | "sideways" | "cycle" | "atomics" | "size" | "folder" | "package" | "specifier" | "missing" | "room";
  readonly file: string;
  readonly message: string;
}

/** Rooms by floor. A room is the longest folder listed here that contains the file. */
const floors: readonly (readonly string[])[] = [
  ["contract"],
  ["core", "memory"],
  ["sync", "wire", "channels"],
  ["executors/pool", "executors/serial", "executors/coroutine", "executors/thread", "executors/process", "executors/cluster", "ipc"],
  ["supervision", "observe", "lab", "testing"],
  ["runtime"],
  ["dashboard", "cli"],
];

/** Doors between rooms of one floor. */
const sideDoors: Readonly<Record<string, readonly string[]>> = {
  channels: ["sync", "wire"],
  "executors/serial": ["executors/pool"],
  "executors/coroutine": ["executors/pool"],
  "executors/thread": ["executors/pool"],
  "executors/process": ["executors/pool"],
  "executors/cluster": ["executors/pool"],
};

/** Rooms that may not use all that lies below: the fourth floor works for every level because it knows none. */
const onlyThese: Readonly<Record<string, readonly string[]>> = {
  supervision: ["contract", "core", "wire"],
  observe: ["contract", "core", "memory", "wire"],
  lab: ["contract", "core", "wire"],
  testing: ["contract", "core", "memory", "wire"],
};

const forbiddenFolders = new Set(["utils", "util", "helpers", "common", "misc", "lib"]);
const maxLines = 500;
const atomicsOwner = "memory/atomics.ts";
/** Packages by room that may use them; they are bundled. */
const packages: Readonly<Record<string, readonly string[]>> = { cli: ["commander"], wire: ["acorn"] };

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

/** The room of a path below src/, such as `executors/pool`. */
export function roomOf(path: string): string | undefined {
  const folders = path.split("/").slice(0, -1);
  for (let depth = folders.length; depth > 0; depth--) {
    const room = folders.slice(0, depth).join("/");
    if (floorOf(room) >= 0) return room;
  }
  return undefined;
}

/** Why `from` may not import from `to`, or `undefined`. */
function refusal(from: string, to: string): Pick<Violation, "rule" | "message"> | undefined {
  if (from === to) return undefined;
  const [above, below] = [floorOf(from), floorOf(to)];
  if (below > above) return { rule: "up", message: `floor ${above} (${from}) imports floor ${below} (${to}); imports only go down` };
  const allowed = onlyThese[from];
  if (below === above && !sideDoors[from]?.includes(to)) return { rule: "sideways", message: `${from} imports its sibling ${to}` };
  if (below < above && allowed && !allowed.includes(to)) {
    return { rule: "sideways", message: `${from} may only import ${allowed.join(", ")}, not ${to}` };
  }
  return undefined;
}

/** The path that a relative specifier means, below src/; `undefined` when it leaves src/. */
function resolve(from: string, specifier: string): string | undefined {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") {
      if (parts.length === 0) return undefined;
      parts.pop();
    } else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Checks every rule. Keys are paths below src/ with forward slashes, such as `core/task.ts`. */
export function check(sources: ReadonlyMap<string, string>): Violation[] {
  const violations: Violation[] = [];
  const edges = new Map<string, { readonly to: string; readonly typeOnly: boolean }[]>();
  for (const [file, source] of sources) {
    const report = (rule: Violation["rule"], message: string): void => {
      violations.push({ rule, file, message });
    };
    const tokens = tokenize(source);
    const room = roomOf(file);
    const bad = file.split("/").find((part, i, all) => i < all.length - 1 && forbiddenFolders.has(part));
    if (bad) report("folder", `a folder "${bad}" says nothing about what is in it; name it after its subject`);
    if (room === undefined) report("room", "stands in no room of the floor plan");
    const lines = source.split("\n").length - (source.endsWith("\n") ? 1 : 0);
    if (lines > maxLines) report("size", `${lines} lines; never above ${maxLines}`);
    const atomics = file === atomicsOwner ? undefined : namesIdentifier(tokens, "Atomics");
    if (atomics) report("atomics", `line ${atomics.line} names Atomics; only ${atomicsOwner} may, so that a model can take its place`);

    for (const mention of mentions(tokens)) {
      if (!mention.specifier.startsWith(".")) {
        const why = refusePackage(room, mention);
        if (why) report("package", why);
        continue;
      }
      const at = `line ${mention.line}`;
      if (!mention.specifier.endsWith(".ts")) report("specifier", `${at}: "${mention.specifier}" lacks the .ts extension`);
      const target = resolve(file, mention.specifier);
      if (target === undefined || !sources.has(target)) {
        report("missing", `${at}: "${mention.specifier}" is no file below src/`);
        continue;
      }
      edges.set(file, [...(edges.get(file) ?? []), { to: target, typeOnly: mention.typeOnly }]);
      const targetRoom = roomOf(target);
      const why = room && targetRoom ? refusal(room, targetRoom) : undefined;
      if (why) report(why.rule, `${at}: ${why.message}`);
    }
  }
  return [...violations, ...cycles(sources, edges)];
}

function refusePackage(room: string | undefined, { specifier, typeOnly, line }: Mention): string | undefined {
  if (specifier.startsWith("node:")) {
    return room === "contract" && !typeOnly
      ? `line ${line}: contract/ imports "${specifier}" as a value; it may only name its types`
      : undefined;
  }
  const allowed = (room && packages[room]) ?? [];
  return allowed.includes(specifier) ? undefined : `line ${line}: imports the package "${specifier}"; src/ uses node: modules only`;
}

/** Cycles of imports. One of types alone is harmless at run time and tolerated inside one folder only. */
function cycles(
  sources: ReadonlyMap<string, string>,
  edges: ReadonlyMap<string, readonly { readonly to: string; readonly typeOnly: boolean }[]>,
): Violation[] {
  const folder = (file: string): string => file.slice(0, file.lastIndexOf("/") + 1);
  const found = new Map<string, Violation>();
  const search = (
    file: string,
    path: readonly string[],
    done: Set<string>,
    follow: (from: string, to: string, typeOnly: boolean) => boolean,
  ): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const loop = path.slice(start);
      // The same loop is found from each of its files: turn it so that the least comes first.
      const first = loop.indexOf([...loop].sort()[0] ?? "");
      const turned = [...loop.slice(first), ...loop.slice(0, first)];
      const message = [...turned, turned[0]].join(" → ");
      found.set(message, { rule: "cycle", file: turned[0] ?? file, message });
      return;
    }
    if (done.has(file)) return;
    for (const edge of edges.get(file) ?? []) if (follow(file, edge.to, edge.typeOnly)) search(edge.to, [...path, file], done, follow);
    done.add(file);
  };
  const values = new Set<string>();
  for (const file of sources.keys()) search(file, [], values, (_from, _to, typeOnly) => !typeOnly);
  // Every loop that leaves a folder is refused, types included: loops of whole folders are what makes a floor plan rot.
  const all = new Set<string>();
  const acrossFolders = folderCycles(sources, edges, folder);
  for (const file of sources.keys()) search(file, [], all, (from, to) => acrossFolders.has(`${from} ${to}`));
  return [...found.values()];
}

/** The imports that lie on some loop of files which is not inside one folder: those within a strongly connected set that spans folders. */
function folderCycles(
  sources: ReadonlyMap<string, string>,
  edges: ReadonlyMap<string, readonly { readonly to: string }[]>,
  folder: (file: string) => string,
): Set<string> {
  const reach = new Map<string, Set<string>>();
  for (const start of sources.keys()) {
    const seen = new Set<string>();
    const stack = [start];
    for (let file = stack.pop(); file !== undefined; file = stack.pop()) {
      for (const { to } of edges.get(file) ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        stack.push(to);
      }
    }
    reach.set(start, seen);
  }
  const result = new Set<string>();
  for (const [from, targets] of edges) {
    const members = [...(reach.get(from) ?? [])].filter((file) => reach.get(file)?.has(from));
    const spans = members.some((file) => folder(file) !== folder(from));
    for (const { to } of targets) if (spans && members.includes(to)) result.add(`${from} ${to}`);
  }
  return result;
}
