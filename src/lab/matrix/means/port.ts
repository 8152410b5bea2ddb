// The platform's own messages: a MessagePort within the program, the channel of `fork` to a process (serialised as structured clone).
import { once } from "node:events";
import { MessageChannel } from "node:worker_threads";
import type { MatrixHost } from "../experiment.ts";
import { type Line, largeMessage, type Means } from "./means.ts";

/** Either end of either kind. */
interface Postable {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  close(): void;
}

export const port: Means = {
  id: "port",
  title: "port",
  made: { coroutine: "a MessagePort", thread: "a MessagePort", process: "fork's channel" },
  async open(level, host) {
    return lineOver(level === "process" ? await forked(host) : await channelled(host));
  },
};

async function channelled(host: MatrixHost): Promise<Postable> {
  const { port1, port2 } = new MessageChannel();
  void host
    .open()
    .with({ transfer: [port2] })
    .run(host.tasks.answerPort, port2);
  return {
    post: (message) => port1.postMessage(message),
    onMessage: (listener) => port1.on("message", listener),
    close: () => port1.close(),
  };
}

async function forked(host: MatrixHost): Promise<Postable> {
  const child = host.forkPort();
  await once(child, "spawn");
  return {
    post: (message) => child.send(message as number),
    onMessage: (listener) => child.on("message", listener),
    close: () => child.disconnect(),
  };
}

async function lineOver(end: Postable): Promise<Line> {
  let answered = (): void => {};
  end.onMessage(() => answered());
  const answer = () =>
    new Promise<void>((resolve) => {
      answered = resolve;
    });
  const ask = (message: unknown) => {
    const come = answer();
    end.post(message);
    return come;
  };
  await ask(0);
  const message = largeMessage();
  return {
    async ask(n) {
      for (let i = 0; i < n; i++) await ask(i);
    },
    async ship(n) {
      for (let i = 0; i < n; i++) end.post(message);
      await ask("how much?");
    },
    close: () => end.close(),
  };
}
