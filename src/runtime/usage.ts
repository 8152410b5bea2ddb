// A module of its own, so that a child process that is asked for its figures imports nothing else.

export { usage } from "../lab/compare/usage.ts";
export { compute, echo, nothing } from "../lab/plain-tasks.ts";
