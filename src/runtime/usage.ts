// A module of its own, so that a child process that is asked for its figures imports nothing else.

export { echo, nothing, spin } from "../lab/advise/empty-tasks.ts";
export { usage } from "../lab/compare/usage.ts";
