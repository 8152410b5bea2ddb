// What the user must put right before anything can run: told in one message on stderr, exit code 2.

/** Exit codes of the command line, a closed set. */
export const exitCodes = {
  ok: 0,
  /** The work failed: results differ between levels, a level could not be measured, or no item succeeded. */
  failed: 1,
  usage: 2,
  /** Stopped by Ctrl-C or a signal; what had finished was shown. */
  interrupted: 130,
} as const;

/** Bad input on the command line. The message names what and where, and what to do. */
export class UsageError extends Error {
  static {
    Object.defineProperty(UsageError.prototype, "name", { value: "UsageError", writable: true, configurable: true });
  }
}
