// Stacks as findings show them: the frames of the program, without those of brigade and of Node. Pure text: the thread that watches the
// event loop of another one reads stacks too.
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A line of a stack, taken apart. */
export interface Frame {
  /** Of the function, as the engine names it; `undefined` at top level. */
  readonly name: string | undefined;
  /** File and line, below the working directory where it is there. */
  readonly place: string;
}

/** Frames that findings read at most; the engine's own limit of 10 would often end inside brigade. */
const framesKept = 32;

/** Captures the stack of the caller into `target.stack`, to be formatted by the engine when it is first read: that costs five times as
 *  much, and hardly any is read. The frames of `fence` and above are left out. */
export function captureStack(target: object, fence?: (...args: never) => unknown): void {
  const limit = Error.stackTraceLimit;
  // Frozen intrinsics keep their limit.
  Reflect.set(Error, "stackTraceLimit", framesKept);
  Error.captureStackTrace(target, fence);
  Reflect.set(Error, "stackTraceLimit", limit);
}

/** The lines of a stack that belong to the program, innermost first; all of them when none seems to. */
export function programFrames(stack: unknown): string {
  // A program that formats stacks its own way may have made anything of it.
  if (typeof stack !== "string") return "";
  const lines = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const own = ownFolders();
  const left = lines.filter((line) => !isBuiltin(line) && !own.some((folder) => line.includes(folder)));
  return (left.some((line) => !isNative(line)) ? left : lines).join("\n");
}

/** Whether code of this file is the program's; `undefined` is code of the engine. */
export function isProgramFile(file: string | null | undefined): file is string {
  return file !== null && file !== undefined && !file.startsWith("node:") && !ownFolders().some((folder) => file.startsWith(folder));
}

/** The innermost frame that has a place in a file. */
export function guiltyFrame(stack: string): Frame | undefined {
  const line = stack.split("\n").find((each) => /^\s+at /.test(each) && !isNative(each));
  return line === undefined ? undefined : frameOf(line);
}

/** The Node function that the innermost frame of the program called, such as `execSync`, when that is where a raw stack ends. */
export function builtinCalled(stack: string): string | undefined {
  let called: string | undefined;
  for (const line of stack.split("\n")) {
    if (!/^\s+at /.test(line)) continue;
    if (!isBuiltin(line)) return called;
    called = frameOf(line).name;
  }
  return undefined;
}

/** `parse (src/parse.js:12)`, or the place alone. */
export function describeFrame({ name, place }: Frame): string {
  return name === undefined ? place : `${name} (${place})`;
}

function frameOf(line: string): Frame {
  const [, name, inner, bare] = /^\s+at (?:async )?(?:(.+?) \((.*)\)|(.*))$/.exec(line) ?? [];
  const place = (inner ?? bare ?? "").replace(/:\d+$/, "");
  return { name: name?.replace(/^Object\.|^new | \[as .+\]$/g, ""), place: shortPlace(place) };
}

function shortPlace(place: string): string {
  const path = place.startsWith("file:") ? pathOf(place) : place;
  const below = relative(process.cwd(), path);
  return below.startsWith("..") || below === "" ? path : below;
}

function pathOf(place: string): string {
  const [, url = place, line = ""] = /^(.*?)(:\d+)?$/.exec(place) ?? [];
  try {
    return fileURLToPath(url) + line;
  } catch {
    return place;
  }
}

function isBuiltin(line: string): boolean {
  return /^\s+at (?:async )?(?:.+ \()?node:/.test(line);
}

function isNative(line: string): boolean {
  return /(?:\(<anonymous>\)|^\s+at (?:async )?<anonymous>|\(native\)|\(index \d+\))$/.test(line);
}

let folders: readonly string[] | undefined;

/** Where brigade's own code stands, as it appears in stacks; and its sources, for programs that map stacks to them. */
function ownFolders(): readonly string[] {
  folders ??= findFolders().flatMap((folder) => [folder.href, fileURLToPath(folder)]);
  return folders;
}

function findFolders(): URL[] {
  const here = new URL(".", import.meta.url);
  if (here.protocol !== "file:") return [];
  if (here.pathname.endsWith("/src/observe/")) return [new URL("..", here), new URL("../../../src/", here)];
  // Inside the bundle of a program this folder is the program's: then nothing is brigade's alone.
  return existsSync(new URL("./watchdog.js", here)) ? [here, new URL("../src/", here)] : [];
}
