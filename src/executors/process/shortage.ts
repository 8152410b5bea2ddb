// What the system has too little of when it starts no process: it may have it again in a moment.

const shortages: Readonly<Record<string, string>> = {
  EAGAIN: "the system gives this user no more processes; end some, or raise the limit (ulimit -u)",
  EMFILE: "this program has too many open files; close some, or raise the limit (ulimit -n)",
  ENFILE: "the system has too many open files; close some",
  ENOMEM: "the system has no memory left; end something, or start fewer workers",
};

/** What is short and what to do; `undefined` when an error of the system says something else. */
export function shortageOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === undefined || !Object.hasOwn(shortages, code)) return undefined;
  return `${shortages[code]} (${code})`;
}
