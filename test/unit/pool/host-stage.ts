// The worker's side of a pool over a link that the test plays.
import assert from "node:assert/strict";
import { CancelledError } from "../../../src/contract/errors.ts";
import type { FrameFromWorker, FrameToWorker, RunFrame, SettledFrame } from "../../../src/executors/pool/frames.ts";
import { Host } from "../../../src/executors/pool/host.ts";
import type { FarLink } from "../../../src/executors/pool/link.ts";
import { decodeFailure, decodeValue, encodeFailure, encodeValue, signalHandles } from "../../../src/executors/pool/passage.ts";
import { type VirtualClock, withVirtualClock } from "../../../src/testing/virtual-clock.ts";
import { entered } from "./host-work.ts";

/** The worker's end of a link; the test is the other. */
export class FakeFarLink implements FarLink {
  readonly sharesMemory = true;
  readonly sent: FrameFromWorker[] = [];
  #receive: (frame: FrameToWorker) => void = () => assert.fail("nobody receives");

  send(frame: FrameFromWorker): void {
    this.sent.push(frame);
  }
  receive(onFrame: (frame: FrameToWorker) => void): void {
    this.#receive = onFrame;
  }
  /** Offers that were taken back. */
  readonly revoked = new Set<number>();
  readonly claimed: number[] = [];
  claim(number: number): boolean {
    if (this.revoked.has(number)) return false;
    this.claimed.push(number);
    return true;
  }
  flagged(): boolean {
    return false;
  }
  poll(): void {}
  async flush(): Promise<void> {}

  delivers(frame: FrameToWorker): void {
    this.#receive(frame);
  }
  runs(id: number, fn: string, args: readonly unknown[] = [], more: Partial<RunFrame> = {}): void {
    const url = new URL("./host-work.js", import.meta.url).href;
    const { payload, signals } = encodeValue(args, "arguments", true);
    this.delivers({ type: "run", id, url, fn, taskNumber: id, taskName: fn, signals: signalHandles(signals), payload, ...more });
  }
  cancels(id: number, reason: string): void {
    this.delivers({ type: "cancel", id, payload: encodeFailure(new CancelledError(reason), true) });
  }
  answers(id: number): SettledFrame[] {
    return this.sent.filter((frame): frame is SettledFrame => frame.type === "settled" && frame.id === id);
  }
  /** How a run was answered, in one line; fails unless it was answered exactly once. */
  answer(id: number): string {
    const [answer, ...more] = this.answers(id);
    assert.ok(answer && more.length === 0, `${id} was answered ${this.answers(id).length} times`);
    if (answer.state === "succeeded") return `succeeded ${String(decodeValue(answer.payload))}`;
    return `${answer.state} ${(decodeFailure(answer.payload) as Error).message}`;
  }
}

/** Runs a test on a host that serves, in virtual time. */
export async function serving(play: (link: FakeFarLink, clock: VirtualClock) => Promise<void>): Promise<void> {
  await withVirtualClock(async (clock) => {
    const link = new FakeFarLink();
    entered.length = 0;
    await new Host({
      level: "thread",
      name: "far-1",
      taskIdPrefix: "t",
      link,
      setup: undefined,
      teardown: undefined,
      memoryLimit: undefined,
    }).serve();
    await play(link, clock);
  });
}

/** Modules are loaded by the runtime, which takes turns of its own. */
export async function until(clock: VirtualClock, condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000 && !condition(); turn++) await clock.advance(0);
  assert.ok(condition(), "not within 1000 turns");
}
