// What the terminal can do: columns, colour. Read from the environment once per command.

/** The part of a stream that tells about a terminal. */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Columns to write: `COLUMNS` when it is set, else the terminal's, else 80. */
export function columnsOf(stream: TerminalStream, env: Environment): number {
  const asked = Number(env["COLUMNS"]);
  if (Number.isSafeInteger(asked) && asked > 0) return asked;
  return stream.columns !== undefined && stream.columns > 0 ? stream.columns : 80;
}

/** Colour on a terminal only, never with `NO_COLOR` or `TERM=dumb`; `FORCE_COLOR` asks for it elsewhere. */
export function wantsColor(stream: TerminalStream, env: Environment): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** How to write for people on this stream: as wide as it is, and in colour where that is wanted. */
export function lookOf(stream: TerminalStream, env: Environment): { readonly width: number; readonly color: boolean } {
  return { width: columnsOf(stream, env), color: wantsColor(stream, env) };
}
