// The first bytes in each direction of a socket: who speaks, and in which version. What does not begin with them is not brigade, and gets
// no further.

/** The version of what follows the hello. */
const version = 1;
const magic = Buffer.from("brigade/ipc", "latin1");
const helloBytes = magic.byteLength + 1;

/** What to send first. */
export const hello: Uint8Array = Buffer.concat([magic, Buffer.of(version)]);

/** What the other side's first bytes mean. */
export class HelloReader {
  #bytes = Buffer.alloc(0);

  /** The bytes behind the hello once it is whole, `undefined` before. Throws `RangeError` when it is none, or of another version. */
  push(chunk: Uint8Array): Uint8Array | undefined {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const said = this.#bytes.subarray(0, magic.byteLength);
    if (!said.equals(magic.subarray(0, said.byteLength))) throw new RangeError("The other side is no socket of brigade.");
    if (this.#bytes.byteLength < helloBytes) return undefined;
    const theirs = this.#bytes[helloBytes - 1];
    if (theirs !== version) {
      throw new RangeError(
        `The other side speaks version ${theirs} of this protocol, and this one speaks ${version}: use the same release on both.`,
      );
    }
    return this.#bytes.subarray(helloBytes);
  }
}
