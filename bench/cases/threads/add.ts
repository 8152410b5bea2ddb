// The task, in a module of its own: a worker imports this and brigade, nothing of the benchmarks.
import { brigade } from "../../shipped.ts";

export const add = brigade.portable("add", (a: number, b: number) => a + b);
