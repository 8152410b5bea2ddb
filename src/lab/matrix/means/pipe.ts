// Pipes of the system, one for each direction, read and written blocking. By name (a FIFO), so that thread and process open them alike.
import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { platform } from "node:process";
import { UnsupportedError } from "../../../contract/errors.ts";
import { askByte } from "../answers/pipe.ts";
import type { MatrixHost } from "../experiment.ts";
import { readAll, writeAll } from "../pipe-bytes.ts";
import { untilRunning } from "../until-running.ts";
import { type Line, largeBytes, largeMessage, type Means } from "./means.ts";

export const pipe: Means = {
  id: "pipe",
  title: "pipe",
  made: { thread: "two FIFOs, blocking", process: "two FIFOs, blocking" },
  open: (_, host) => openPipes(host),
};

/** A line over pipes. */
export interface PipeLine extends Line {
  ask(n: number): void;
  /** Resolves with how often the kernel put a thread of the unit's process away. */
  close(): Promise<number>;
}

/** Opens one to a fresh unit. Rejects with `UnsupportedError` where the system has no FIFOs. */
export async function openPipes(host: MatrixHost): Promise<PipeLine> {
  const [there, back] = [join(host.folder, "there"), join(host.folder, "back")];
  makeFifos(there, back);
  const answering = host.open().run(host.tasks.answerPipe, there, back);
  const [output, input] = [openSync(there, "r+"), openSync(back, "r+")];
  const [end, question, length] = [message(0), message(askByte), message(largeBytes)];
  const ack = new Uint8Array(1);
  const large = largeMessage();
  await untilRunning(answering);
  return {
    ask(n) {
      for (let i = 0; i < n; i++) {
        writeAll(output, question);
        readAll(input, ack);
      }
    },
    ship(n) {
      for (let i = 0; i < n; i++) {
        writeAll(output, length);
        writeAll(output, large);
        readAll(input, ack);
      }
    },
    async close() {
      writeAll(output, end);
      const switches = await answering;
      closeSync(output);
      closeSync(input);
      return switches;
    },
  };
}

/** Node can open a FIFO and not make one. */
function makeFifos(...paths: readonly string[]): void {
  const feature = "named pipes";
  if (platform === "win32")
    throw new UnsupportedError("Windows has no pipes that two threads can open by name and read blocking.", feature);
  try {
    execFileSync("mkfifo", [...paths], { stdio: "ignore" });
  } catch (cause) {
    throw new UnsupportedError("The program mkfifo, which makes pipes with names, cannot be run here.", feature, { cause });
  }
}

function message(length: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(length).buffer);
}
