// Claims between two processes: which runs that were sent ahead the child has taken up. Without memory that both could reach, the
// claim is a read: for each such run the parent writes a token into a file without a name, which both hold open by one *open file
// description*. That has one reading position, kept by the operating system, and a read moves it: whoever reads a token has it, and
// nobody else ever will. The child reads one before it begins a run; the parent takes runs back by reading too. So both are sure
// at once, without an answer, also when the child spins, is stopped, or has died between two instructions.
//
// Protocol and proof: README.md beside. Why not messages or a pipe: docs/decisions.
import { closeSync, ftruncateSync, readSync, writeSync } from "node:fs";
import { numberAfter } from "../../memory/claims.ts";
import { memoryFolder, openNamelessFile } from "./nameless-file.ts";

/** Bytes of a token, little-endian: the number of the offer, and a word that tells our file from any other that a task may have
 *  opened after it closed the descriptor. */
const tokenBytes = 8;
const mark = 0x6b6f7462;
/** Offers that may be open at once. */
export const mostOpen = 1024;
/** What has been read stays in the file until there is this much of it. */
const sweepBytes = 256 * 1024;

/** A file without a name for the tokens of one child; `undefined` where reading positions are not known to be shared (the guarantee
 *  is Linux's: reads of one description exclude each other), or where no file can be made. */
export function openTokenFile(): number | undefined {
  if (process.platform !== "linux") return undefined;
  // In memory they cost nothing; on a disk they are for want of anything better.
  return openNamelessFile(memoryFolder) ?? openNamelessFile(process.getBuiltinModule("node:os").tmpdir());
}

/** The parent's side. An offer is open → claimed | taken back. Open offers lie in the file, or here until the next `write`. */
export class TokenOffers {
  readonly #fd: number;
  readonly #room = Buffer.allocUnsafeSlow(mostOpen * tokenBytes);
  /** Not in the file: nobody can claim them. */
  #kept = new Set<number>();
  /** In the file when it was last looked at, in their order there. */
  readonly #laid = new Set<number>();
  #last = 0;
  /** Bytes ever written, and those at which the file was last emptied: the position only grows. */
  #end = 0;
  #sweptAt = 0;
  /** Has been told to look again after tokens went missing from the file for a moment. */
  #wakesChild = false;
  #closed = false;
  /** The file takes no more: no offers any more. */
  #failed = false;

  readonly #onTaken: () => void;

  /** `onTaken` is called when tokens were taken out of the file, most of which are to go in again: let `write` follow soon. */
  constructor(fd: number, onTaken: () => void) {
    this.#fd = fd;
    this.#onTaken = onTaken;
  }

  /** How many are open, as far as is known without a look. */
  get open(): number {
    return this.#kept.size + this.#laid.size;
  }

  get hasPlace(): boolean {
    return !this.#failed && !this.#closed && this.open < mostOpen;
  }

  /** Makes an offer and returns its number; `undefined` when there are too many. It can be claimed after the next `write`. */
  offer(): number | undefined {
    if (!this.hasPlace) return undefined;
    this.#last = numberAfter(this.#last, 1);
    this.#kept.add(this.#last);
    return this.#last;
  }

  /** Takes an offer back: true when the child has not claimed it, and never will. */
  revoke(number: number): boolean {
    if (this.#laid.has(number)) this.#takeAll();
    return this.#kept.delete(number);
  }

  /** Whether the child has claimed it, as of the last look. */
  isClaimed(number: number): boolean {
    return !this.#kept.has(number) && !this.#laid.has(number);
  }

  /** It is over. The child claims in order, so those before it are claimed as well. */
  close(number: number): void {
    this.#kept.delete(number);
    if (!this.#laid.has(number)) return;
    for (const each of this.#laid) {
      this.#laid.delete(each);
      if (each === number) return;
    }
  }

  /** Finds out which have been claimed. */
  look(): void {
    if (this.#laid.size > 0) this.#takeAll();
  }

  /** Lays what is kept into the file. Returns whether the child may have looked while tokens were missing, and must be told to look
   *  again; and numbers that the file did not take, which are the child's from now on and have to be told to it. */
  write(): { readonly wakes: boolean; readonly granted: readonly number[] } {
    if (this.#closed) return { wakes: false, granted: [] };
    if (this.#end - this.#sweptAt > sweepBytes) this.#takeAll();
    let granted: readonly number[] = [];
    if (this.#kept.size > 0) {
      const numbers = [...this.#kept];
      this.#kept = new Set();
      const laid = this.#failed ? 0 : this.#lay(numbers);
      for (let index = 0; index < laid; index++) this.#laid.add(numbers[index] as number);
      if (laid < numbers.length) {
        this.#failed = true;
        granted = numbers.slice(laid);
      }
    }
    const wakes = this.#wakesChild;
    this.#wakesChild = false;
    return { wakes, granted };
  }

  /** The child is gone, or will read no more: what is open now was never claimed. */
  finish(): void {
    if (this.#closed) return;
    this.look();
    this.#closed = true;
    closeSync(this.#fd);
  }

  /** How many of the numbers the file took, from the first on. */
  #lay(numbers: readonly number[]): number {
    numbers.forEach((number, index) => {
      this.#room.writeUInt32LE(number, index * tokenBytes);
      this.#room.writeUInt32LE(mark, index * tokenBytes + 4);
    });
    try {
      const laid = Math.floor(writeSync(this.#fd, this.#room, 0, numbers.length * tokenBytes, this.#end) / tokenBytes);
      this.#end += laid * tokenBytes;
      return laid;
    } catch {
      // No room left, most likely.
      return 0;
    }
  }

  /** Takes every token that the child has not. */
  #takeAll(): void {
    let count = 0;
    const kept = new Set<number>();
    try {
      for (;;) {
        const bytes = readSync(this.#fd, this.#room, 0, this.#room.byteLength, null);
        if (bytes === 0) break;
        for (let at = 0; at + tokenBytes <= bytes; at += tokenBytes) kept.add(this.#room.readUInt32LE(at));
        count += bytes;
      }
      // Everything has been read, by one side or the other: what lies in the file is in nobody's way and of no use.
      if (this.#end - this.#sweptAt > sweepBytes) {
        ftruncateSync(this.#fd, 0);
        this.#sweptAt = this.#end;
      }
    } catch {
      // A descriptor that does not read any more; what is not known to be taken is the child's.
      this.#failed = true;
    }
    // Those taken are older than those that have not been written yet.
    for (const number of this.#kept) kept.add(number);
    this.#kept = kept;
    this.#laid.clear();
    if (count === 0) return;
    this.#wakesChild = true;
    this.#onTaken();
  }
}

/** The child's side. */
export class TokenClaims {
  readonly #fd: number;
  readonly #room = Buffer.allocUnsafeSlow(tokenBytes);
  /** Read, and not yet asked for. */
  #held: number | undefined;
  readonly #granted = new Set<number>();

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Takes up the run that was offered under this number: true when it is ours; false when it was taken back; `undefined` when
   *  that cannot be told before something new comes. Runs are asked for in the order in which they came. Throws when the descriptor
   *  is not what it was. */
  claim(number: number): boolean | undefined {
    if (this.#granted.delete(number)) return true;
    if (this.#held === undefined) {
      if (readSync(this.#fd, this.#room, 0, tokenBytes, null) < tokenBytes) return undefined;
      if (this.#room.readUInt32LE(4) !== mark) throw new RangeError("A task has closed a descriptor of its worker and opened another.");
      this.#held = this.#room.readUInt32LE(0);
    }
    // Tokens lie in the order of the runs: another one there means that this one's was taken out.
    if (this.#held !== number) return false;
    this.#held = undefined;
    return true;
  }

  /** These are ours without a token. */
  grant(numbers: readonly number[]): void {
    for (const number of numbers) this.#granted.add(number);
  }
}
