// Memory that both sides have: a message is copied in, a flag goes up, and the other side, asleep in the kernel until then, copies it out.
import { untilRunning } from "../until-running.ts";
import { largeBytes, largeMessage, type Means } from "./means.ts";

const small = 1;
const whole = 2;
const end = 255;

export const sharedMemory: Means = {
  id: "shared-memory",
  title: "shared memory",
  made: { thread: "a SharedArena and two SharedEvents", process: "the same in an arena between processes" },
  async open(_, host) {
    const { bytes, there, back } = host.shareGround(largeBytes);
    await untilRunning(host.open().run(host.tasks.answerGround, bytes, there, back));
    const message = largeMessage();
    const signal = (kind: number): void => {
      bytes[0] = kind;
      there.set();
      back.waitSync();
      back.clear();
    };
    return {
      ask(n) {
        for (let i = 0; i < n; i++) signal(small);
      },
      ship(n) {
        for (let i = 0; i < n; i++) {
          bytes.set(message);
          signal(whole);
        }
      },
      close: () => signal(end),
    };
  },
};
