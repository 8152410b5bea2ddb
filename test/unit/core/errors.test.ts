// The error grammar: names, codes, causes, the brand, and the tree of a group's failures.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as errors from "../../../src/contract/errors.ts";

const { BrigadeError, CancelledError, messageOf, TaskGroupError, TimeoutError } = errors;

const made: readonly [error: Error & { readonly code: string }, name: string, code: string][] = [
  [new errors.CancelledError(), "AbortError", "ERR_BRIGADE_CANCELLED"],
  [new errors.TimeoutError(), "TimeoutError", "ERR_BRIGADE_TIMEOUT"],
  [new errors.TaskGroupError([]), "TaskGroupError", "ERR_BRIGADE_TASK_GROUP"],
  [new errors.GroupFinishedError("m"), "GroupFinishedError", "ERR_BRIGADE_GROUP_FINISHED"],
  [new errors.NotPortableError("m"), "NotPortableError", "ERR_BRIGADE_NOT_PORTABLE"],
  [new errors.NotSerializableError("m", "arguments[0]"), "NotSerializableError", "ERR_BRIGADE_NOT_SERIALIZABLE"],
  [new errors.WorkerLostError("m", { worker: "w" }), "WorkerLostError", "ERR_BRIGADE_WORKER_LOST"],
  [new errors.PoolBrokenError("m"), "PoolBrokenError", "ERR_BRIGADE_POOL_BROKEN"],
  [new errors.QueueFullError("m", 3), "QueueFullError", "ERR_BRIGADE_QUEUE_FULL"],
  [new errors.ExecutorClosedError("m"), "ExecutorClosedError", "ERR_BRIGADE_EXECUTOR_CLOSED"],
  [new errors.ChannelClosedError("m", 1), "ChannelClosedError", "ERR_BRIGADE_CHANNEL_CLOSED"],
  [new errors.BrokenChannelError("m", 1), "BrokenChannelError", "ERR_BRIGADE_BROKEN_CHANNEL"],
  [new errors.LockPoisonedError("m", "thread 1", {} as never), "LockPoisonedError", "ERR_BRIGADE_LOCK_POISONED"],
  [new errors.NotOwnerError("m"), "NotOwnerError", "ERR_BRIGADE_NOT_OWNER"],
  [new errors.BrokenBarrierError("m"), "BrokenBarrierError", "ERR_BRIGADE_BROKEN_BARRIER"],
  [new errors.DeadlockError("m", ["a waits for b"]), "DeadlockError", "ERR_BRIGADE_DEADLOCK"],
  [new errors.UnsupportedError("m", "joinSync"), "UnsupportedError", "ERR_BRIGADE_UNSUPPORTED"],
];

test("every class has its name and code, and is an Error and a BrigadeError", () => {
  for (const [error, name, code] of made) {
    assert.deepEqual([error.name, error.code], [name, code]);
    assert.equal(error instanceof Error && error instanceof BrigadeError, true, name);
    assert.equal(error.message.length > 0, true, name);
    assert.match(String(error.stack), /errors\.test/, "made where it was made");
    assert.equal(Object.keys(error).includes("name"), false, "the name is the class's, not the error's");
  }
  const classes = Object.values(errors).filter((each) => each.prototype instanceof Error && (each as unknown) !== BrigadeError);
  assert.deepEqual(new Set(classes), new Set(made.map(([error]) => error.constructor)), "no class without a case");
});

test("instanceof of one class holds for that class alone", () => {
  for (const [error] of made) {
    for (const [other] of made) {
      const cls = other.constructor as new () => Error;
      assert.equal(error instanceof cls, error === other, `${error.name} instanceof ${cls.name}`);
    }
  }
  assert.equal(new TimeoutError() instanceof CancelledError, false, "a timeout is not a cancellation");
});

test("what is not brigade's is no BrigadeError; what another copy of brigade made is one", () => {
  for (const foreign of [new Error("no"), new AggregateError([]), {}, null, undefined, "ERR_BRIGADE_TIMEOUT", 7]) {
    assert.equal(foreign instanceof BrigadeError, false);
  }
  class CopyError extends Error {}
  Object.defineProperty(CopyError.prototype, Symbol.for("brigade.error"), { value: true });
  assert.equal(new CopyError() instanceof BrigadeError, true);
  assert.equal(new CopyError() instanceof TimeoutError, false);
  class Own extends TimeoutError {}
  assert.equal(new Own() instanceof BrigadeError && new Own() instanceof TimeoutError, true);
});

test("cause is kept, and absent when not given", () => {
  const cause = new Error("why");
  for (const cls of [errors.CancelledError, errors.TimeoutError, errors.PoolBrokenError, errors.ExecutorClosedError]) {
    assert.equal(new cls("m", { cause }).cause, cause);
    assert.equal("cause" in new cls("m"), false);
  }
  assert.equal(new errors.UnsupportedError("m", "f", { cause }).cause, cause);
  assert.equal(new errors.WorkerLostError("m", { worker: "w" }, { cause }).cause, cause);
});

test("facts are properties", () => {
  assert.equal(new errors.NotSerializableError("m", "result.a[1]").path, "result.a[1]");
  assert.deepEqual(new errors.NotPortableError("m").freeVariables, []);
  assert.deepEqual(new errors.NotPortableError("m", { freeVariables: ["x"] }).freeVariables, ["x"]);
  assert.equal(new errors.QueueFullError("m", 7).capacity, 7);
  assert.equal(new errors.UnsupportedError("m", "nice").feature, "nice");
  const bare = new errors.WorkerLostError("m", { worker: "w" });
  assert.deepEqual([bare.worker, bare.signal, bare.exitCode, bare.attempt, bare.stderrTail], ["w", null, null, 1, ""]);
  const lost = new errors.WorkerLostError("m", { worker: "w", signal: "SIGKILL", exitCode: 9, attempt: 2, stderrTail: "oops" });
  assert.deepEqual([lost.signal, lost.exitCode, lost.attempt, lost.stderrTail], ["SIGKILL", 9, 2, "oops"]);
});

test("TaskGroupError: an AggregateError whose message and cause come from the first failure", () => {
  const first = new RangeError("first");
  const one = new TaskGroupError([first]);
  assert.equal(one instanceof AggregateError, true);
  assert.deepEqual([one.errors, one.cause, one.message], [[first], first, "A task of the group failed: first"]);
  const two = new TaskGroupError(new Set<unknown>([first, "text"]));
  assert.deepEqual([two.errors, two.message], [[first, "text"], "2 tasks of the group failed, first: first"]);
  const own = new TaskGroupError([first], "in my words", { cause: "why" });
  assert.deepEqual([own.message, own.cause], ["in my words", "why"]);
  const none = new TaskGroupError([]);
  assert.deepEqual([none.message, "cause" in none], ["The task group failed.", false]);
  assert.deepEqual(
    [undefined, null, Object.create(null), Symbol("s"), "text"].map((thrown) => new TaskGroupError([thrown]).message),
    ["undefined", "null", "object", "symbol", "string"].map((kind) => `A task of the group failed: a thrown ${kind}`),
  );
});

test("split parts the tree by its leaves, keeps its shape and the errors themselves", () => {
  const a = new RangeError("a");
  const b = new TypeError("b");
  const c = new RangeError("c");
  const tree = new TaskGroupError([a, new TaskGroupError([b, new TaskGroupError([c])]), b]);
  const [ranges, rest] = tree.split((error) => error instanceof RangeError);
  const shape = (error: unknown): unknown => (error instanceof TaskGroupError ? error.errors.map(shape) : error);
  assert.deepEqual(shape(ranges), [a, [[c]]]);
  assert.deepEqual(shape(rest), [[b], b]);
  assert.deepEqual(shape(tree), [a, [b, [c]], b], "it is left as it was");
  assert.deepEqual(tree.split(() => false)[0], undefined);
  assert.deepEqual(shape(tree.split(() => true)[0]), shape(tree));
  assert.deepEqual(tree.split(() => true)[1], undefined);
  assert.deepEqual(
    new TaskGroupError([]).split(() => true),
    [undefined, undefined],
  );
});

test("messageOf reads a message where there is one, and survives everything else", () => {
  const trap = () => {
    throw new Error("trap");
  };
  assert.equal(messageOf(new Error("text")), "text");
  assert.equal(messageOf("text"), undefined);
  assert.equal(messageOf(Object.assign(new Error("x"), { message: 7 })), undefined);
  assert.equal(messageOf(Object.defineProperty(new Error("x"), "message", { get: trap })), undefined);
  assert.equal(messageOf(new Proxy(new Error("x"), { getPrototypeOf: trap })), undefined);
});
