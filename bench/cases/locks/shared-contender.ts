// The other thread of brigade's `shared-2-threads`.
import { brigade, type shared } from "../../shipped.ts";
import { type Control, serveRounds } from "./contention.ts";

type SharedMutex = InstanceType<typeof shared.SharedMutex>;

export const contend = (mutex: SharedMutex, count: Control) => (times: number) => {
  for (let i = 0; i < times; i++) {
    const guard = mutex.acquireSync();
    count[0] = (count[0] as number) + 1;
    guard.release();
  }
};

export const serveMutex = brigade.portable("serveMutex", (mutex: SharedMutex, count: Control, control: Control) =>
  serveRounds(control, contend(mutex, count)),
);
