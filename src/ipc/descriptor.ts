// An open file as an argument of a task in another process.
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { BrokenChannelError, UnsupportedError } from "../contract/errors.ts";
import { sharable } from "../wire/classes.ts";

/** Where another process finds the file. */
interface DescriptorPlace {
  readonly pid: number;
  readonly descriptor: number;
  readonly flags: number;
  readonly device: number;
  readonly inode: number;
}

/** What of a descriptor's flags the other side opens the file with: reading or writing, at its end, at once. */
const keptFlags = constants.O_WRONLY | constants.O_RDWR | constants.O_APPEND | constants.O_SYNC | constants.O_DIRECTORY;

const opened = new FinalizationRegistry<number>(closeSync);

/** An open file. Whoever made it with `descriptor` goes on owning the file; on the other side it is a descriptor of its own, which `close`
 *  or `using` closes. */
export class Descriptor implements Disposable {
  static {
    sharable<Descriptor, DescriptorPlace>(Descriptor, {
      name: "brigade.Descriptor",
      what: "a descriptor",
      leavesProcess: true,
      refuse: (each) => (each.#closed ? "a descriptor that is closed" : refusal(each.fd)),
      encode: ({ fd }) => {
        const { dev, ino } = fstatSync(fd);
        return { pid: process.pid, descriptor: fd, flags: flagsOf(fd), device: dev, inode: ino };
      },
      decode: (place) => new Descriptor(open(place), true),
    });
  }
  /** The number to give to `node:fs` (`readSync`, `createReadStream("", { fd })`). */
  readonly fd: number;
  readonly #owns: boolean;
  #closed = false;

  constructor(fd: number, owns: boolean) {
    this.fd = fd;
    this.#owns = owns;
    if (owns) opened.register(this, fd, this);
  }

  /** Closes it where it has arrived; where it was made, the file stays open. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#owns) return;
    opened.unregister(this);
    closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Says of an open file (a number, or a `FileHandle`) that it may be an argument of a task: the task gets an open file of its own, with
 *  the same rights, also when the file was deleted or the task may not open it by its name. It has a reading position of its own, at
 *  the start. Keep the file open until the task has ended: it is opened when the task begins.
 *
 *  Files, pipes, named pipes and devices can be given. Throws `UnsupportedError` elsewhere than on Linux, and `TypeError` for what is no open
 *  file; sockets are refused with `NotSerializableError` when they are to travel, because no system opens another process's socket.
 *
 *  @example
 *  ```ts
 *  import { closeSync, openSync, readSync } from "node:fs";
 *  import { descriptor } from "brigade/unstable/ipc";
 *
 *  const fd = openSync("/dev/zero", "r");
 *  const zeros = descriptor(fd);
 *  console.log(readSync(zeros.fd, Buffer.alloc(4))); // 4
 *  closeSync(fd);
 *  ```
 */
export function descriptor(file: number | { readonly fd: number }): Descriptor {
  const fd: unknown = typeof file === "number" ? file : file?.fd;
  if (process.platform !== "linux") {
    throw new UnsupportedError(
      `descriptor needs Linux, where a process finds the descriptors of another; this is ${process.platform}. Give the path instead.`,
      "descriptor",
    );
  }
  if (!Number.isSafeInteger(fd) || (fd as number) < 0)
    throw new TypeError("descriptor(file): file must be an open descriptor, or a FileHandle that is open.");
  return new Descriptor(fd as number, false);
}

/** Why a descriptor cannot travel. */
function refusal(fd: number): string | undefined {
  try {
    if (!fstatSync(fd).isSocket()) return undefined;
  } catch {
    return "a descriptor whose file is closed; keep it open until the task has ended";
  }
  return "a socket, which no other process can open; serve it with openSocketServer and connect from there";
}

/** How a descriptor was opened, as the system's books have it. */
function flagsOf(fd: number): number {
  const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))?.[1];
  return Number.parseInt(flags ?? "0", 8) & keptFlags;
}

function open(place: DescriptorPlace): number {
  const { pid, descriptor: number, flags, device, inode } = place;
  if (![pid, number, flags, device, inode].every((field) => Number.isSafeInteger(field) && field >= 0))
    throw new TypeError("This is no descriptor.");
  let fd: number;
  try {
    // Without O_NONBLOCK opening a pipe would wait for its other end.
    fd = openSync(`/proc/${pid}/fd/${number}`, (flags & keptFlags) | constants.O_NONBLOCK);
  } catch (cause) {
    throw gone(place, cause);
  }
  const { dev, ino } = fstatSync(fd);
  if (dev === device && ino === inode) return fd;
  closeSync(fd);
  throw gone(place);
}

function gone({ pid, descriptor: number }: DescriptorPlace, cause?: unknown): BrokenChannelError {
  return new BrokenChannelError(
    `Descriptor ${number} of process ${pid} is not to be had: it was closed before the task began, or this process may not open it. Keep it open until the task has ended.`,
    undefined,
    cause === undefined ? undefined : { cause },
  );
}
