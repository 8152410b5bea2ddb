// Seed: "Understanding Processes, Threads, Coroutines, …", process example. The main program goes on at once and says so; the
// worker's lines come after, and the program ends when the worker has.
//
//   def worker_task(label):                      if __name__ == '__main__':
//       for i in range(5):                           proc = Process(target=worker_task, args=('kobe',))
//           print(f'Worker {label}{i} started')      proc.start()
//           time.sleep(2)                            print('Main process completed')
//           print(f'Worker {label}{i} finished')
import { isMainLevel, openProcesses, portable, sleep } from "brigade";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 2_000);

export const workerTask = portable("workerTask", async (label: string) => {
  for (let i = 0; i < 5; i++) {
    console.log(`Worker ${label}${i} started`);
    await sleep(ms);
    console.log(`Worker ${label}${i} finished`);
  }
});

if (isMainLevel()) {
  openProcesses({ stdio: "inherit" }).spawn(workerTask, "kobe");
  console.log("Main process completed");
}
