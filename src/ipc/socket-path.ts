// Where a socket may lie: in a directory that nobody else can write, so that nobody else can put a socket of his own there.
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a path of a socket may have, in bytes: `sun_path` of the system, without its end. */
const mostBytes = process.platform === "linux" ? 107 : 103;
/** What is added to the path while the socket is being made. */
const temporaryName = ".XXXXXX/s";
const isWindows = process.platform === "win32";
const writableByOthers = 0o022;

/** Throws `TypeError` or `RangeError` for a path that no socket can have. */
export function checkPath(path: unknown): asserts path is string {
  if (typeof path !== "string" || path === "" || path.includes("\0"))
    throw new TypeError("The path of a socket must be a string, not empty, without a zero byte.");
  if (isWindows) {
    if (/^\\\\[.?]\\pipe\\./.test(path)) return;
    throw new RangeError(`On Windows a socket is a named pipe, such as \\\\.\\pipe\\jobs, not ${JSON.stringify(path)}.`);
  }
  const bytes = Buffer.byteLength(path) + temporaryName.length;
  if (bytes > mostBytes) {
    throw new RangeError(
      `The path of a socket may have ${mostBytes - temporaryName.length} bytes on this system, not ${bytes - temporaryName.length}: ${path}`,
    );
  }
}

/** A place to make a socket in, which nobody else can reach, and what puts it where it belongs. */
export interface SocketPlace {
  /** Where to listen. */
  readonly temporary: string;
  /** Puts it at its path, in one step, in place of what a dead server has left there. */
  settle(): void;
  /** Removes it, unless another server has taken its place. */
  remove(): void;
}

/** Makes the directory if there is none. Throws `RangeError` when others may write there, or when something is there that is no socket. */
export function prepareSocketPlace(path: string): SocketPlace {
  if (isWindows) return { temporary: path, settle: () => undefined, remove: () => undefined };
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(folder);
  if ((mode & writableByOthers) !== 0 || (uid !== process.getuid?.() && uid !== 0)) {
    throw new RangeError(
      `Others may write in ${folder}, and put a socket of theirs at ${path}: serve in a directory that only you can write.`,
    );
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isSocket())
    throw new RangeError(`There is something at ${path} that is no socket: choose another path.`);
  const room = mkdtempSync(`${path}.`);
  const temporary = join(room, "s");
  let own: number | undefined;
  return {
    temporary,
    settle() {
      try {
        chmodSync(temporary, 0o600);
        own = lstatSync(temporary).ino;
        renameSync(temporary, path);
      } finally {
        rmSync(room, { recursive: true, force: true });
      }
    },
    remove() {
      rmSync(room, { recursive: true, force: true });
      if (own !== undefined && lstatSync(path, { throwIfNoEntry: false })?.ino === own) rmSync(path, { force: true });
    },
  };
}
