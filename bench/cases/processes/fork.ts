// Node's own channel between a program and its children, with a promise for each call and nothing else.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { additions } from "../../measure/adders.ts";

interface Answer {
  readonly id: number;
  readonly sum: number;
}

const file = fileURLToPath(new URL("./fork-child.js", import.meta.url));

export const workloads = additions((size, { serialization }) => {
  const waiting = new Map<number, (sum: number) => void>();
  const children = Array.from({ length: size }, () => {
    const child = fork(file, { serialization: serialization === "advanced" ? "advanced" : "json" });
    child.on("message", ({ id, sum }: Answer) => {
      waiting.get(id)?.(sum);
      waiting.delete(id);
    });
    return child;
  });
  let last = 0;
  return (a, b) =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      children[id % size]?.send({ id, a, b });
    });
});
