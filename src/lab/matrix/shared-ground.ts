// What two units have in common when they have memory in common.

/** A word that one side sets and the other waits for. */
export interface Flag {
  set(): void;
  clear(): void;
  waitSync(timeoutMs?: number): void;
}

/** Memory that two units have in common: bytes, and a flag for each direction. */
export interface SharedGround {
  readonly bytes: Uint8Array;
  readonly there: Flag;
  readonly back: Flag;
}
