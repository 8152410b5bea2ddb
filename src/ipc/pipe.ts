// Opens pipes of the operating system.
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Receiver, Sender } from "../contract/channel.ts";
import { UnsupportedError } from "../contract/errors.ts";
import { PipeEnd, ticketBytes } from "./pipe-end.ts";
import { PipeReceiver, PipeSender } from "./pipe-faces.ts";
import { checkWireOptions, type WireOptions } from "./settings.ts";

/** A pipe: two ends, each of them in one place. Closing it closes those that are still here. */
export interface Pipe<T> extends Disposable {
  readonly sender: Sender<T>;
  readonly receiver: Receiver<T>;
  /** Closes both ends, as far as they are here. Idempotent. Never waits. */
  close(): void;
}

/** Opens a pipe of the operating system: what is sent into one end is received from the other, whichever processes and threads they are
 *  in. Give each end as an argument to at most one task, before it is used here; values then go from there to the other end without passing
 *  this program. Both ends stay where they were not given away.
 *
 *  A send resolves when the system has taken the value, or all of it that its buffer (64 KB) has room for. The end of the values is `close`; a
 *  sending end that goes without it (its process has died) rejects `receive` with `BrokenChannelError`, after all that was sent whole. A
 *  receiving end that is gone rejects `send` with `BrokenChannelError`.
 *
 *  Rejects with `UnsupportedError` elsewhere than on Linux, and where the program may start no process (`mkfifo`, once per pipe).
 *
 *  @example
 *  ```ts
 *  import { openPipe } from "brigade/unstable/ipc";
 *
 *  using pipe = await openPipe<string>();
 *  await pipe.sender.send("through the kernel");
 *  console.log(await pipe.receiver.receive()); // through the kernel
 *  ```
 */
export async function openPipe<T>(options: WireOptions = {}): Promise<Pipe<T>> {
  const settings = checkWireOptions("pipe", options);
  if (process.platform !== "linux") {
    throw new UnsupportedError(
      `openPipe needs Linux, where a process finds the descriptors of another; this is ${process.platform}. Use openSocket and openSocketServer, or a Channel.`,
      "openPipe",
    );
  }
  const [sending, receiving] = await makeEnds();
  const sender = new PipeSender<T>(sending, settings);
  const receiver = new PipeReceiver<T>(receiving, settings);
  const close = (): void => {
    sender.close();
    receiver.close();
  };
  return { sender, receiver, close, [Symbol.dispose]: close };
}

/** A named pipe whose name is removed before anybody can know it. */
async function makeEnds(): Promise<readonly [PipeEnd, PipeEnd]> {
  const folder = mkdtempSync(join(tmpdir(), "brigade-pipe-"));
  const opened: number[] = [];
  const open = (file: string, flags: number): number => {
    const descriptor = openSync(join(folder, file), flags, 0o600);
    opened.push(descriptor);
    return descriptor;
  };
  try {
    await makeFifo(join(folder, "pipe"));
    const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK, O_CREAT } = constants;
    // In this order: nobody can be opened for writing without a reader.
    const reading = open("pipe", O_RDONLY | O_NONBLOCK);
    const writing = open("pipe", O_WRONLY | O_NONBLOCK);
    const tickets = [open("ticket", O_RDWR | O_CREAT), open("ticket", O_RDWR)] as const;
    writeSync(tickets[0], Buffer.alloc(ticketBytes));
    return [new PipeEnd("sends", writing, tickets[0]), new PipeEnd("receives", reading, tickets[1])];
  } catch (error) {
    for (const descriptor of opened) closeSync(descriptor);
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeFifo(path: string): Promise<void> {
  const { execFile } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve, reject) => {
    try {
      execFile("mkfifo", ["-m", "600", path], (error) => (error === null ? resolve() : refuse(error)));
    } catch (error) {
      refuse(error);
    }
    function refuse(cause: unknown): void {
      reject(
        new UnsupportedError(
          "A pipe is made by the program mkfifo, which cannot be run here (under Node's permission model, allow it with --allow-child-process).",
          "openPipe",
          { cause },
        ),
      );
    }
  });
}
