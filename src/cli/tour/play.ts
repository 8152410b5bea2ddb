// The tour: the chapters in order, each idea run live, at the reader's pace.
import { createInterface } from "node:readline/promises";
import { pad, wrap } from "../../lab/text/layout.ts";
import { style } from "../../lab/text/style.ts";
import type { Chapter, Stage } from "./chapter.ts";
import { chapters } from "./chapters.ts";

export { chapters } from "./chapters.ts";

/** How to play it. */
export interface TourSettings {
  /** 1 is the first. */
  readonly from: number;
  readonly to: number;
  /** Wait for the reader after each chapter. */
  readonly paced: boolean;
  readonly width: number;
  readonly color: boolean;
  readonly signal: AbortSignal;
  readonly output: NodeJS.WritableStream;
  readonly input: NodeJS.ReadableStream;
}

const widestText = 76;

/** Plays the chapters from one to another. Resolves with false when the reader has left. */
export async function playTour(settings: TourSettings): Promise<boolean> {
  const { from, to, paced, signal, output, width } = settings;
  const look = style(settings.color);
  const write = (line: string) => output.write(`${line}\n`);
  const room = Math.min(width, 120) - 2;
  const say = (text: string, paint = (line: string) => line) => {
    for (const line of wrap(text, Math.min(room, widestText))) write(`  ${paint(line)}`);
    write("");
  };
  const stage: Stage = {
    width: room,
    say,
    show: (...lines) => {
      for (const line of lines) write(`  ${line}`);
      write("");
    },
    lanes(title, trace) {
      const titleWidth = 10;
      const lines = trace.toLanes({ width: room - titleWidth - 2 }).split("\n");
      for (const [n, line] of lines.entries()) write(`  ${look.bold(pad(n === 0 ? title : "", titleWidth, "left"))}  ${line}`);
      write("");
    },
  };
  for (const [index, chapter] of chapters.entries()) {
    const number = index + 1;
    if (number < from || number > to) continue;
    signal.throwIfAborted();
    write("");
    write(`  ${look.bold(`${number}. ${chapter.title}`)}`);
    write("");
    say(chapter.picture, look.dim);
    await chapter.play(stage);
    if (paced && number < to && !(await turnPage(settings, chapter))) return false;
  }
  return true;
}

/** Waits for Enter; false when the reader types q or closes the input. */
async function turnPage({ input, output, signal }: TourSettings, { title }: Chapter): Promise<boolean> {
  const answer = await question(input, output, signal, `  Enter: on from “${title}” · q: leave `);
  return answer !== undefined && !/^q/i.test(answer.trim());
}

/** The reader's own function and its inputs, as words; none when there is no wish for it. */
export async function askForOwn({ input, output, signal }: TourSettings): Promise<readonly string[]> {
  const answer = await question(input, output, signal, "  Your own function (FILE#name inputs…), or Enter to end: ");
  return [...(answer ?? "").matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "");
}

async function question(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
  text: string,
): Promise<string | undefined> {
  const lines = createInterface({ input, output });
  try {
    const closed = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
    return await Promise.race([lines.question(text, { signal }), closed]);
  } finally {
    lines.close();
  }
}
