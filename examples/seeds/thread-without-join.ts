// Seed: "Understanding Processes, Threads, Coroutines, …", thread example. Nobody joins the thread, and it finishes after
// "Main thread ended": work that runs keeps the program alive. (`pool.with({ daemon: true })` would let it be cut off.)
//
//   def task():                                  if __name__ == '__main__':
//       for i in range(5):                           thread_obj = threading.Thread(target=task)
//           print(f'Thread {i} started')             thread_obj.start()
//           time.sleep(2)                            print('Main thread ended')
//           print(f'Thread {i} finished')
import { isMainLevel, openThreads, portable, sleep } from "brigade";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 2_000);

export const task = portable("task", async () => {
  for (let i = 0; i < 5; i++) {
    console.log(`Thread ${i} started`);
    await sleep(ms);
    console.log(`Thread ${i} finished`);
  }
});

if (isMainLevel()) {
  openThreads({ stdio: "inherit" }).spawn(task);
  console.log("Main thread ended");
}
