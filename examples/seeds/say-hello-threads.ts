// Seed: "Process vs Thread vs Coroutine", thread example. Two threads, of which only the first is joined. The second greets all
// the same: a running task keeps the program alive, joined or not.
//
//   def say_hello():                             t1 = Thread(target=say_hello)
//       import time                              t2 = Thread(target=say_hello)
//       time.sleep(1)                            t1.start()
//       print("Hello")                           t2.start()
//                                                t1.join()
import { isMainLevel, openThreads, portable, sleep } from "brigade";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 1_000);

export const sayHello = portable("sayHello", async () => {
  await sleep(ms);
  console.log("Hello");
});

if (isMainLevel()) {
  const pool = openThreads({ stdio: "inherit" });
  const t1 = pool.spawn(sayHello);
  pool.spawn(sayHello);
  t1.joinSync();
}
