// Runs that are sent ahead over a pipe: offers by tokens, which hold back while the pipe is full.
import type { RunOffers } from "../pool/link.ts";
import type { PipeWriter } from "./pipe-writer.ts";
import type { TokenOffers } from "./tokens.ts";

export class PipeOffers implements RunOffers {
  readonly #tokens: TokenOffers;
  readonly #writer: PipeWriter;
  readonly #onTakenBack: () => void;

  constructor(tokens: TokenOffers, writer: PipeWriter, onTakenBack: () => void) {
    this.#tokens = tokens;
    this.#writer = writer;
    this.#onTakenBack = onTakenBack;
  }

  get hasRoom(): boolean {
    return this.#tokens.hasPlace && !this.#writer.isStalled;
  }

  offer(): number | undefined {
    return this.#tokens.offer();
  }

  revoke(number: number): boolean {
    const isOurs = this.#tokens.revoke(number);
    if (isOurs) this.#onTakenBack();
    return isOurs;
  }

  isClaimed(number: number): boolean {
    return this.#tokens.isClaimed(number);
  }

  close(number: number): void {
    this.#tokens.close(number);
  }
}
