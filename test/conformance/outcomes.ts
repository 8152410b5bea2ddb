// Outcomes as text: the same table of calls on any executor, so that two of them can be compared word by word.
import type { Executor, Task } from "../../src/runtime/index.ts";
import { anatomy } from "./anatomy.ts";
import { within } from "./ground.ts";
import { values } from "./suite/values.ts";
import { add, apply, depthOf, double, echo, locals, midpoint, nest, Point, polluted, show, spoil, thenable } from "./tasks.ts";
import { errors, fail, failAsync, failOn, giveUnclonable, oddities, rejectOddity, throwOddity, unclonables } from "./tasks-faults.ts";

/** How a task or a map ended, as text. */
async function told(task: PromiseLike<unknown>): Promise<string> {
  return within(
    task.then(
      (value) => `succeeded ${show(value)}`,
      (error: unknown) => `failed ${show(anatomyOf(error))}`,
    ),
    "it settles",
  );
}

function anatomyOf(error: unknown): unknown {
  try {
    return error instanceof Error ? anatomy(error) : error;
  } catch {
    return "something that cannot be looked at";
  }
}

/** Every call of the table, by name. */
export async function outcomesOn(executor: Executor): Promise<Record<string, string>> {
  const calls: Record<string, () => PromiseLike<unknown>> = {
    add: () => executor.run(add, 1, 2),
    thenable: () => executor.run(thenable, 3),
    "portable argument": () => executor.run(apply, double, 4),
    "registered class": () => executor.run(midpoint, new Point(0, 0), new Point(2, 2)),
    "changed argument": () => executor.run(spoil, [1]),
    "deep argument": () => executor.run(depthOf, [[[[]]]]),
    "__proto__ argument": () => executor.run(polluted, { plain: JSON.parse('{"__proto__": {"polluted": 1}}') as object }),
    "task-locals": () => executor.run(locals),
    nested: () => executor.run(nest, executor, 4),
    spawned: () => executor.spawn(echo, { spawned: true }),
    "not portable": () => executor.run((() => 1) as never),
    "no function": () => executor.run(5 as never),
    "an expired deadline": () => executor.with({ deadline: 0 }).run(echo, 1),
    "an aborted signal": () => executor.with({ signal: AbortSignal.abort("reason") }).run(echo, 1),
    "a cancelled task": () => {
      const task: Task<unknown> = executor.run(echo, 1);
      task.cancel("reason");
      return task;
    },
    map: () => executor.map(double, [1, 2, 3]),
    "unordered map": async () => (await executor.map(double, [1, 2, 3], { ordered: false, concurrency: 2 })).toSorted(),
    "failing map": () => executor.map(failOn, [1, 2, 3, 4]),
    broadcast: async () => [...new Set(await executor.broadcast(double, 2))],
  };
  for (const [name, make] of Object.entries(values)) calls[`value: ${name}`] = () => executor.run(echo, make());
  for (const name of Object.keys(errors)) {
    calls[`error: ${name}`] = () => executor.run(fail, name);
    calls[`asynchronous error: ${name}`] = () => executor.run(failAsync, name);
  }
  for (const name of Object.keys(oddities)) {
    calls[`throws ${name}`] = () => executor.run(throwOddity, name);
    calls[`rejects with ${name}`] = () => executor.run(rejectOddity, name);
  }
  for (const [name, make] of Object.entries(unclonables)) {
    calls[`argument: ${name}`] = () => executor.run(echo, make());
    calls[`result: ${name}`] = () => executor.run(giveUnclonable, name);
  }
  const outcomes: Record<string, string> = {};
  for (const [name, call] of Object.entries(calls)) outcomes[name] = withoutPlaces(await told(call()));
  return outcomes;
}

/** Stacks and positions differ from place to place. */
function withoutPlaces(text: string): string {
  return text
    .replace(/\n\s+at [^\n]*/g, "")
    .replace(/\bfile:\/\/\S+/g, "file")
    .slice(0, 20_000);
}
