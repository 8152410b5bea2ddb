// Use: producer and consumers. One coroutine reads files, threads count their words, one coroutine adds up. Two channels with room for a few
// values each couple them: whoever is ahead waits.
//
//   node --import tsx examples/uses/producer-consumer.ts FILE…
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Channel, isMainLevel, portable, type Receiver, type Sender, threads, withTaskGroup } from "brigade";

/** A file's words and how often each occurs. */
interface Counted {
  readonly path: string;
  readonly words: ReadonlyMap<string, number>;
}

/** Takes texts as long as there are any, and hands on their words. */
export const countWords = portable(
  "countWords",
  async (texts: Receiver<{ path: string; text: string }>, counts: Sender<Counted>): Promise<number> => {
    let files = 0;
    for await (const { path, text } of texts) {
      const words = new Map<string, number>();
      for (const [word] of text.toLowerCase().matchAll(/\p{L}{4,}/gu)) words.set(word, (words.get(word) ?? 0) + 1);
      await counts.send({ path, words });
      files++;
    }
    counts.close(); // the last consumer who closes its end closes the channel
    return files;
  },
);

if (isMainLevel()) {
  const paths = process.argv.slice(2);
  if (paths.length === 0) {
    console.error("usage: producer-consumer FILE…");
    process.exit(2);
  }
  const texts = new Channel<{ path: string; text: string }>(4, { name: "texts" });
  const counts = new Channel<Counted>(4, { name: "counts" });
  const totals = new Map<string, number>();

  const shares = await withTaskGroup(async (group) => {
    const consumers = Array.from({ length: availableParallelism() }, () =>
      group.run(threads, countWords, texts.receiver(), counts.sender()),
    );
    group.run(async function produce() {
      for (const path of paths) await texts.send({ path, text: await readFile(path, "utf8") });
      texts.close();
    });
    for await (const { words } of counts) for (const [word, count] of words) totals.set(word, (totals.get(word) ?? 0) + count);
    return Promise.all(consumers);
  });

  const most = [...totals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 5);
  for (const [word, count] of most) console.log(`${String(count).padStart(6)} ${word}`);
  console.log(`${paths.length} files, shared by ${shares.length} threads; ${totals.size} different words`);
  if (shares.reduce((sum, files) => sum + files, 0) !== paths.length) process.exitCode = 1;
}
