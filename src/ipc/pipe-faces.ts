// The ends of a pipe as the program has them, and how they travel.

import { SenderEnd } from "../channels/ends.ts";
import { type BrokenChannelError, ChannelClosedError } from "../contract/errors.ts";
import { sharable } from "../wire/classes.ts";
import { Inlet, InletEnd } from "./inlet.ts";
import { Outlet } from "./outlet.ts";
import { type EndPlace, PipeEnd, takeEnd } from "./pipe-end.ts";
import type { WireSettings } from "./settings.ts";
import { Wire } from "./wire.ts";

/** What travels of an end. */
interface PipePlace extends EndPlace, WireSettings {}

/** Closes what was dropped without being closed. What was given away belongs to whoever takes it. */
const dropped = new FinalizationRegistry<{ readonly end: PipeEnd; readonly wire: () => Wire | undefined }>(({ end, wire }) => {
  if (end.state === "idle") end.close();
  else if (end.state === "used") wire()?.destroy();
});

const givenAway = (title: string): ChannelClosedError =>
  new ChannelClosedError(`This end of ${title} was given away: use it where it has arrived.`);

function settingsOf({ title, maxValueBytes }: PipePlace): WireSettings {
  if (typeof title !== "string" || !Number.isSafeInteger(maxValueBytes)) throw new TypeError("This is no end of a pipe.");
  return { title, maxValueBytes };
}

/** The sending half of a pipe: it says, too, that it was given away. */
class PipeOutlet<T> extends Outlet<T> {
  isGiven = false;

  give(): void {
    this.isGiven = true;
    this.obstruct("closed");
  }

  override refusal(value: unknown, side: PipeSender<T> | undefined): ChannelClosedError | BrokenChannelError {
    if (!this.isGiven) return super.refusal(value, side);
    return new ChannelClosedError(givenAway(this.title).message, value);
  }
}

/** The sending end of a pipe. */
export class PipeSender<T> extends SenderEnd<T> {
  static {
    sharable<PipeSender<unknown>, PipePlace>(PipeSender, {
      name: "brigade.PipeSender",
      what: "the sending end of a pipe",
      leavesProcess: true,
      refuse: (sender) => refusal(sender.#end, "the sending end of a pipe"),
      encode: (sender) => {
        const place = { ...sender.#end.give(), ...sender.#settings };
        sender.#outlet.give();
        return place;
      },
      decode: (place) => new PipeSender(takeEnd("sends", place) ?? PipeEnd.lost("sends"), settingsOf(place)),
    });
  }
  readonly #end: PipeEnd;
  readonly #settings: WireSettings;
  readonly #outlet: PipeOutlet<T>;

  constructor(end: PipeEnd, settings: WireSettings) {
    let wire: Wire | undefined;
    const outlet: PipeOutlet<T> = new PipeOutlet<T>(settings.title, settings.maxValueBytes, () => {
      const stream = end.use();
      if (stream !== undefined) wire = new Wire(settings.title, stream, settings.maxValueBytes, outlet, undefined);
      return wire;
    });
    super(outlet);
    this.#end = end;
    this.#settings = settings;
    this.#outlet = outlet;
    dropped.register(this, { end, wire: () => wire });
    if (end.state === "closed") outlet.broke();
  }

  override close(error?: unknown): void {
    super.close(error);
    this.#end.close();
  }
}

/** The receiving end of a pipe. */
export class PipeReceiver<T> extends InletEnd<T> {
  static {
    sharable<PipeReceiver<unknown>, PipePlace>(PipeReceiver, {
      name: "brigade.PipeReceiver",
      what: "the receiving end of a pipe",
      leavesProcess: true,
      refuse: (receiver) => refusal(receiver.#end, "the receiving end of a pipe"),
      encode: (receiver) => {
        const place = { ...receiver.#end.give(), ...receiver.#settings };
        receiver.#inlet.close(givenAway(receiver.#settings.title));
        return place;
      },
      decode: (place) => new PipeReceiver(takeEnd("receives", place) as PipeEnd, settingsOf(place)),
    });
  }
  readonly #end: PipeEnd;
  readonly #settings: WireSettings;
  readonly #inlet: Inlet<T>;

  constructor(end: PipeEnd, settings: WireSettings) {
    let wire: Wire | undefined;
    const inlet: Inlet<T> = new Inlet<T>(settings.title, () => {
      const stream = end.use();
      if (stream !== undefined) wire = new Wire(settings.title, stream, settings.maxValueBytes, undefined, inlet);
      return wire;
    });
    super(inlet);
    this.#end = end;
    this.#settings = settings;
    this.#inlet = inlet;
    dropped.register(this, { end, wire: () => wire });
  }

  override close(): void {
    super.close();
    this.#end.close();
  }
}

function refusal(end: PipeEnd, what: string): string | undefined {
  if (end.state === "given") return `${what}, and it was given away already`;
  if (end.state === "closed") return `${what}, and it is closed`;
  return end.state === "used" ? `${what} that is in use here: give it away before the first value` : undefined;
}
