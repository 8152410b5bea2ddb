// Waits of tasks on words outside the engine's memory, where nothing can call back: one timer for all of a thread looks at the words every
// millisecond, while anybody waits. A thread that blocks sleeps in the system instead and is woken at once.
//
// A word may have changed and be what it was again between two looks (a mutex that is released and taken), so a wait ends after some
// looks whatever it has seen: whoever waits looks for himself, and counts how often he was passed over.
import { load, type SharedWords } from "../atomics.ts";
import type { AsyncWait } from "./external-words.ts";

const lookMs = 1;
const mostLooks = 3;

interface PolledWait {
  readonly words: SharedWords;
  readonly index: number;
  readonly value: number;
  readonly resolve: (how: "ok") => void;
  looks: number;
}

const waits = new Set<PolledWait>();
let timer: NodeJS.Timeout | undefined;

/** Resolves when the word holds something else than `value`. Keeps nothing alive. */
export function pollWord(words: SharedWords, index: number, value: number): AsyncWait {
  if (load(words, index) !== value) return { async: false, value: "not-equal" };
  const promise = new Promise<"ok">((resolve) => waits.add({ words, index, value, resolve, looks: 0 }));
  timer ??= setInterval(look, lookMs).unref();
  return { async: true, value: promise };
}

function look(): void {
  for (const wait of waits) {
    if (load(wait.words, wait.index) === wait.value && ++wait.looks < mostLooks) continue;
    waits.delete(wait);
    wait.resolve("ok");
  }
  if (waits.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
