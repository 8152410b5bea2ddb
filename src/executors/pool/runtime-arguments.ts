// Which of this program's own runtime flags its workers get. Nearly all: loaders (`--import`), conditions, limits and warnings
// must hold in a worker too. Left out is what says how *this* program was entered: a worker that inherits `--input-type` is
// refused its file, and one that inherits `--eval`, `--test` or `--watch` would run something else.

/** Followed by code, which may itself begin with a dash. */
const evals = new Set(["-e", "--eval", "-p", "--print", "-pe"]);
/** Without a value. */
const alone = new Set(["-c", "--check", "-i", "--interactive"]);
const family = /^--(input-type|(experimental-)?test|watch|inspect|build)(-|$)/;
/** Members of the families whose value may follow as a separate argument. */
const valued = /^--(input-type|(experimental-)?test-.+|watch-.+|inspect-(port|publish-uid)|build-.+)$/;

/** The arguments of `execArgv` that a worker may inherit, in order. */
export function inheritedArguments(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i] as string;
    const [name = argument] = argument.split("=", 1);
    const next = execArgv[i + 1];
    if (!evals.has(name) && !alone.has(name) && !family.test(name)) kept.push(argument);
    else if (name !== argument || next === undefined) continue;
    else if (evals.has(name) || (valued.test(name) && !next.startsWith("-"))) i++;
  }
  return kept;
}

/** Whether Node's permission model is on in this program; a worker's flags are then never touched, since other flags could
 *  give it more than its parent has. */
export function underPermissionModel(): boolean {
  return (process as { permission?: unknown }).permission !== undefined;
}

/** Whether stacks are mapped to sources here, by flag or by call; workers do alike. */
export function mapsSources(): boolean {
  if ((process as { sourceMapsEnabled?: boolean }).sourceMapsEnabled === true) return true;
  const flag = "--enable-source-maps";
  return process.execArgv.includes(flag) || (process.env["NODE_OPTIONS"]?.split(/\s+/).includes(flag) ?? false);
}
