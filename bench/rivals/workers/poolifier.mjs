// The worker's side of poolifier: the object does it, whatever is made of it.
import { ThreadWorker } from "poolifier";
import { addPair } from "./add.mjs";

export const worker = new ThreadWorker({ addPair });
