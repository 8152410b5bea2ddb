// Seed: "Understanding Processes, Threads, Coroutines, …", blocking operations. `joinSync` halts the main thread until the worker
// has ended, so "Main thread completed" comes last. Meanwhile no timer fires and no socket is read here: a program that has
// anything else to do says `await worker` instead.
//
//   def background_work():                       if __name__ == '__main__':
//       for i in range(5):                           worker = threading.Thread(target=background_work)
//           print(f'Background {i} started')         worker.start()
//           time.sleep(2)                            worker.join()  # Main thread blocks here
//           print(f'Background {i} finished')        print('Main thread completed')
import { isMainLevel, openThreads, portable, sleep } from "brigade";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 2_000);

export const backgroundWork = portable("backgroundWork", async () => {
  for (let i = 0; i < 5; i++) {
    console.log(`Background ${i} started`);
    await sleep(ms);
    console.log(`Background ${i} finished`);
  }
});

if (isMainLevel()) {
  const worker = openThreads({ stdio: "inherit" }).spawn(backgroundWork);
  worker.joinSync(); // the main thread blocks here
  console.log("Main thread completed");
}
