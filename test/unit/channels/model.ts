// A channel as simple as can be: plain arrays, every rule written out once. What the real one does is compared with it step by step.

type End = "fulfilled" | "rejected";

/** An operation of the model and how it ended; `undefined` while it waits. */
export interface ModelOperation {
  readonly kind: "send" | "receive";
  readonly value: number | undefined;
  end: End | undefined;
  /** What a receive got. */
  got: number | undefined;
}

export class ModelChannel {
  readonly buffer: number[] = [];
  readonly senders: ModelOperation[] = [];
  readonly receivers: ModelOperation[] = [];
  dropped = 0;
  closed = false;
  readonly #capacity: number;
  readonly #overflow: "wait" | "drop-oldest" | "drop-newest";

  constructor(capacity: number, overflow: "wait" | "drop-oldest" | "drop-newest") {
    this.#capacity = capacity;
    this.#overflow = overflow;
  }

  /** Returns what `trySend` returns; throws when closed. */
  trySend(value: number): boolean {
    if (this.closed) throw new RangeError("closed");
    const receiver = this.receivers.shift();
    if (receiver !== undefined) {
      receiver.end = "fulfilled";
      receiver.got = value;
    } else if (this.buffer.length < this.#capacity) this.buffer.push(value);
    else if (this.#overflow === "wait") return false;
    else {
      this.dropped++;
      if (this.#overflow === "drop-oldest") {
        this.buffer.shift();
        this.buffer.push(value);
      }
    }
    return true;
  }

  send(value: number): ModelOperation {
    const operation: ModelOperation = { kind: "send", value, end: undefined, got: undefined };
    if (this.closed) operation.end = "rejected";
    else if (this.trySend(value)) operation.end = "fulfilled";
    else this.senders.push(operation);
    return operation;
  }

  tryReceive(): number | undefined {
    if (this.buffer.length > 0) {
      const value = this.buffer.shift();
      const next = this.senders.shift();
      if (next !== undefined) {
        next.end = "fulfilled";
        this.buffer.push(next.value as number);
      }
      return value;
    }
    const sender = this.senders.shift();
    if (sender === undefined) return undefined;
    sender.end = "fulfilled";
    return sender.value;
  }

  receive(): ModelOperation {
    const operation: ModelOperation = { kind: "receive", value: undefined, end: undefined, got: undefined };
    const value = this.tryReceive();
    if (value !== undefined || this.closed) {
      operation.end = "fulfilled";
      operation.got = value;
    } else this.receivers.push(operation);
    return operation;
  }

  cancel(operation: ModelOperation): void {
    for (const line of [this.senders, this.receivers]) {
      const place = line.indexOf(operation);
      if (place < 0) continue;
      line.splice(place, 1);
      operation.end = "rejected";
    }
  }

  close(): void {
    this.closed = true;
    for (const sender of this.senders.splice(0)) sender.end = "rejected";
    for (const receiver of this.receivers.splice(0)) receiver.end = "fulfilled";
  }
}
