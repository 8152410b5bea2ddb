// The inside of a program that the lab starts (lab/compare/program.ts is the other side): reads one job, does it, answers, ends.
import { deserialize } from "node:v8";
import { UnsupportedError } from "../contract/errors.ts";
import { describeError } from "../lab/compare/canonical.ts";

/** Tells the program that started this one. Never waits. */
export function say(message: { readonly type: string; readonly done?: number | undefined }): void {
  process.send?.(message);
}

/** Does the one job of this program and ends it. Throws `UnsupportedError` in a program that nobody gave a job. */
export async function answerJob<J, M extends { readonly type: string }>(work: (job: J) => M | Promise<M>): Promise<void> {
  if (process.send === undefined) throw new UnsupportedError("This program is started by `brigade`; it does nothing by itself.", "job");
  // the one who asked is gone: nobody wants the figures
  process.on("disconnect", () => process.exit(1));
  const answer = await attempt(work);
  // what was left open (timers, sockets of the module under test) must not keep this program alive
  process.send(answer, () => process.exit(0));
}

async function attempt<J, M>(work: (job: J) => M | Promise<M>): Promise<M | { readonly type: "failed"; readonly message: string }> {
  try {
    return await work(await readJob<J>());
  } catch (error) {
    return { type: "failed", message: describeError(error) };
  }
}

async function readJob<J>(): Promise<J> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return deserialize(Buffer.concat(chunks)) as J;
}
