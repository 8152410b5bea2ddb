// What JavaScript has no word for: memory that two processes map, and sleeping on a word in it. Through koffi, an optional peer; where it
// or the platform is missing, an `UnsupportedError` says so. Loaded when the first segment is made or opened.
import { UnsupportedError } from "../../contract/errors.ts";

/** An address: koffi gives and takes them as integers. */
type Address = bigint;

interface Library {
  func(declaration: string): (...args: never) => unknown;
}

interface Koffi {
  load(path: null): Library;
  view(address: Address, length: number): ArrayBuffer;
  address(pointer: unknown): Address;
  errno(): number;
}

/** What the kernel does. */
export interface Native {
  /** Memory without a name, of so many bytes, all 0: its descriptor. */
  create(bytes: number): number;
  /** Maps `bytes` of a descriptor. */
  map(descriptor: number, bytes: number): { readonly address: Address; readonly buffer: ArrayBuffer };
  /** Ends a mapping that nothing refers to any more. */
  unmap(address: Address, bytes: number): void;
  /** Blocks the thread while the word at the address is `value`, `timeoutMs` at most. */
  wait(address: Address, value: number, timeoutMs: number): "ok" | "not-equal" | "timed-out";
  /** Wakes up to `count` of those who wait on the word, in any process; returns how many. */
  wake(address: Address, count: number): number;
}

/** The number of `futex` among the system's calls. */
const futexNumbers: Readonly<Record<string, number>> = { x64: 202, arm64: 98, riscv64: 98, loong64: 98 };
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const MFD_CLOEXEC = 1;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const EAGAIN = 11;
const ETIMEDOUT = 110;
const feature = "shared memory between processes";
/** A wait without end is one of this many seconds, over again. */
const longestSeconds = 3_600;

let native: Native | undefined;

/** Throws `UnsupportedError` where it cannot be had. */
export function nativeMemory(): Native {
  native ??= load();
  return native;
}

function load(): Native {
  const futexNumber = futexNumbers[process.arch];
  if (process.platform !== "linux" || futexNumber === undefined) {
    throw new UnsupportedError(
      `Memory between processes needs Linux on a 64-bit processor; this is ${process.platform} on ${process.arch}. Send copies, or use threads.`,
      feature,
    );
  }
  const koffi = requireKoffi();
  const libc = koffi.load(null);
  const memfdCreate = libc.func("int memfd_create(const char *name, unsigned int flags)") as unknown as (
    name: string,
    flags: number,
  ) => number;
  const ftruncate = libc.func("int ftruncate(int fd, int64 length)") as unknown as (descriptor: number, length: number) => number;
  const mmap = libc.func("void *mmap(void *address, size_t length, int prot, int flags, int fd, int64 offset)") as unknown as (
    ...args: readonly (number | null)[]
  ) => unknown;
  const munmap = libc.func("int munmap(void *address, size_t length)") as unknown as (address: Address, length: number) => number;
  const futex = libc.func("long syscall(long number, void *address, int operation, int value, void *timeout)") as unknown as (
    number: number,
    address: Address,
    operation: number,
    value: number,
    timeout: Buffer | null,
  ) => number;
  const timeout = Buffer.alloc(16);
  return {
    create(bytes) {
      const descriptor = memfdCreate("brigade", MFD_CLOEXEC);
      if (descriptor < 0 || ftruncate(descriptor, bytes) !== 0)
        throw failed(`${bytes} bytes of shared memory cannot be had`, koffi.errno());
      return descriptor;
    },
    map(descriptor, bytes) {
      const pointer = mmap(null, bytes, PROT_READ_WRITE, MAP_SHARED, descriptor, 0);
      const address = koffi.address(pointer);
      if (address === -1n || BigInt.asIntN(64, address) === -1n)
        throw failed(`${bytes} bytes of shared memory cannot be mapped`, koffi.errno());
      return { address, buffer: koffi.view(address, bytes) };
    },
    unmap(address, bytes) {
      munmap(address, bytes);
    },
    wait(address, value, timeoutMs) {
      const seconds = Math.min(longestSeconds, Math.floor(timeoutMs / 1000));
      timeout.writeBigInt64LE(BigInt(seconds), 0);
      timeout.writeBigInt64LE(BigInt(Math.min(999_999_999, Math.floor((timeoutMs - seconds * 1000) * 1e6)) || 0), 8);
      if (futex(futexNumber, address, FUTEX_WAIT, value, timeout) === 0) return "ok";
      const errno = koffi.errno();
      if (errno === ETIMEDOUT) return "timed-out";
      // Anything else (a signal) is a wake-up that nobody has sent: the waiter looks again.
      return errno === EAGAIN ? "not-equal" : "ok";
    },
    wake(address, count) {
      return futex(futexNumber, address, FUTEX_WAKE, count, null);
    },
  };
}

function failed(what: string, errno: number): UnsupportedError {
  return new UnsupportedError(`${what} (error ${errno} of the system).`, feature);
}

/** The package as the program has it: beside brigade, or where the program was started. */
function requireKoffi(): Koffi {
  const { createRequire } = process.getBuiltinModule("node:module");
  const { join } = process.getBuiltinModule("node:path");
  const { pathToFileURL } = process.getBuiltinModule("node:url");
  // `import.meta.url` does not exist where a bundler has made CommonJS of this.
  const here = (import.meta as { readonly url?: string }).url;
  const there = pathToFileURL(join(process.cwd(), "package.json")).href;
  let cause: unknown;
  for (const from of here === undefined ? [there] : [here, there]) {
    try {
      return createRequire(from)("koffi") as Koffi;
    } catch (error) {
      cause ??= error;
    }
  }
  throw new UnsupportedError(
    "Memory between processes needs the package koffi, which brigade does not bring along: npm install koffi. Under Node's permission model it also needs --allow-addons.",
    feature,
    { cause },
  );
}
