// brigade's channel, with a place for 16 values.
import { largeMessage, type Means } from "./means.ts";

const capacity = 16;

export const channel: Means = {
  id: "channel",
  title: "channel",
  made: { coroutine: "a Channel", thread: "a Channel in shared memory", process: "a Channel between processes" },
  async open(level, host) {
    const [there, back] = [host.channel<unknown>(capacity), host.channel<number>(capacity)];
    const unit = host.open();
    const answering = unit.run(host.tasks.answerChannel, there, back);
    // a refusal to carry the channel shows here, not at the first answer that never comes
    const refused = answering.then((): never => {
      throw new RangeError("The other side of the channel has gone.");
    });
    refused.catch(() => {});
    const answer = () => Promise.race([back.receive(), refused]);
    await there.send(0);
    await answer();
    const message = level === "coroutine" ? undefined : largeMessage();
    return {
      async ask(n) {
        for (let i = 0; i < n; i++) {
          await there.send(i);
          await back.receive();
        }
      },
      ...(message === undefined
        ? {}
        : {
            async ship(n: number) {
              for (let i = 0; i < n; i++) await there.send(message);
              await there.send("how much?");
              await back.receive();
            },
          }),
      close: () => there.close(),
    };
  },
};
