// One end of a pipe as a descriptor, and how it goes to another process or thread. States: **idle** → **used** (a wire runs over it) →
// **closed**, or **idle** → **given** → **closed**.
//
// A pipe has no name. Whoever receives an end opens it anew through the giver's descriptor (`/proc/PID/fd/N`, which the system opens for
// the same user only), so the giver keeps it open until then: it is told by a byte of the *ticket*, a file without a name that both have
// open, which the receiver changes. Then it closes its own, so that the end is where it was given and nowhere else: only so does the other
// side see it end.
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { BrokenChannelError } from "../contract/errors.ts";
import { streamOver } from "./pipe-stream.ts";
import type { Direction, WireStream } from "./wire.ts";

/** Where the receiver of an end finds it. */
export interface EndPlace {
  readonly pid: number;
  readonly descriptor: number;
  readonly ticket: number;
  /** What the ticket says before it is taken. */
  readonly mark: number;
  /** What the system calls the pipe: descriptors are used again. */
  readonly device: number;
  readonly inode: number;
}

/** The place of each end in the ticket. */
const markAt = { sends: 0, receives: 1 } as const;
/** Length of a ticket. */
export const ticketBytes = 2;
const accessOf = { sends: constants.O_WRONLY, receives: constants.O_RDONLY } as const;
/** How often it is looked whether ends that were given away have been taken. */
const lookMs = 10;

const given = new Set<PipeEnd>();
let timer: NodeJS.Timeout | undefined;

function look(): void {
  for (const end of given) end.look();
  if (given.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

export class PipeEnd {
  readonly direction: Direction;
  readonly #descriptor: number;
  readonly #ticket: number;
  state: "idle" | "used" | "given" | "closed" = "idle";
  #mark = 0;

  /** Owns both descriptors from here on. */
  constructor(direction: Direction, descriptor: number, ticket: number) {
    this.direction = direction;
    this.#descriptor = descriptor;
    this.#ticket = ticket;
  }

  /** An end without a descriptor: nobody is left at the other one. */
  static lost(direction: Direction): PipeEnd {
    const end = new PipeEnd(direction, -1, -1);
    end.state = "closed";
    return end;
  }

  /** The bytes; `undefined` when they are not here. */
  use(): WireStream | undefined {
    if (this.state !== "idle") return undefined;
    this.state = "used";
    closeSync(this.#ticket);
    return streamOver(this.#descriptor, this.direction);
  }

  /** Where it can be found, once. */
  give(): EndPlace {
    const { dev, ino } = fstatSync(this.#descriptor);
    this.#mark = readMark(this.#ticket, this.direction);
    this.state = "given";
    given.add(this);
    timer ??= setInterval(look, lookMs).unref();
    return { pid: process.pid, descriptor: this.#descriptor, ticket: this.#ticket, mark: this.#mark, device: dev, inode: ino };
  }

  /** Lets go of it if it was taken. */
  look(): void {
    if (readMark(this.#ticket, this.direction) !== this.#mark) this.close();
  }

  /** Closes what is open here and not used; what was given away and not taken cannot be taken any more. */
  close(): void {
    if (this.state === "idle" || this.state === "given") {
      given.delete(this);
      closeSync(this.#descriptor);
      closeSync(this.#ticket);
    }
    this.state = "closed";
  }
}

function readMark(ticket: number, direction: Direction): number {
  const byte = Buffer.alloc(1);
  readSync(ticket, byte, 0, 1, markAt[direction]);
  return byte[0] as number;
}

/** An end that was given to this process or thread. `undefined`: nobody is left at the other end. Throws `BrokenChannelError` when it is
 *  gone, and `TypeError` when this is no such place. */
export function takeEnd(direction: Direction, place: EndPlace): PipeEnd | undefined {
  const fields: readonly unknown[] = [place.pid, place.descriptor, place.ticket, place.mark, place.device, place.inode];
  if (!fields.every((field) => Number.isSafeInteger(field) && (field as number) >= 0)) throw new TypeError("This is no end of a pipe.");
  const ticket = openOf(place, place.ticket, constants.O_RDWR);
  let descriptor: number | undefined;
  try {
    descriptor = openOf(place, place.descriptor, accessOf[direction]);
    const found = fstatSync(descriptor);
    const isIt = found.isFIFO() && found.dev === place.device && found.ino === place.inode;
    if (!isIt || !isTicket(ticket)) throw gone(place);
    // Another has taken it before.
    if (readMark(ticket, direction) !== place.mark) throw gone(place);
    mark(ticket, place, direction);
    return new PipeEnd(direction, descriptor, ticket);
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    const alone = direction === "sends" && (error as NodeJS.ErrnoException).code === "ENXIO";
    if (alone && isTicket(ticket)) mark(ticket, place, direction);
    closeSync(ticket);
    if (alone) return undefined;
    throw error;
  }
}

/** Whoever names a ticket may be less trusted than this process: nothing but a ticket is written to. */
function isTicket(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFile() && stats.nlink === 0 && stats.size === ticketBytes;
}

function mark(ticket: number, place: EndPlace, direction: Direction): void {
  writeSync(ticket, Buffer.of((place.mark + 1) % 256), 0, 1, markAt[direction]);
}

function openOf(place: EndPlace, descriptor: number, access: number): number {
  try {
    // Without O_NONBLOCK opening would wait for the other end.
    return openSync(`/proc/${place.pid}/fd/${descriptor}`, access | constants.O_NONBLOCK);
  } catch (error) {
    // Nobody is at the other end.
    if ((error as NodeJS.ErrnoException).code === "ENXIO") throw error;
    throw gone(place, error);
  }
}

function gone({ pid }: EndPlace, cause?: unknown): BrokenChannelError {
  return new BrokenChannelError(
    `This end of a pipe is not to be had: process ${pid}, which gave it away, has closed it or ended, or it was taken before, or this process may not open it.`,
    undefined,
    cause === undefined ? undefined : { cause },
  );
}
