// Seed: "Coroutine, Thread, and Process", process example. Each chef in a kitchen of their own: nothing is shared, and what
// happens in one cannot harm another. Only one word has changed against the threads: `openProcesses`.
//
//   def fetch_data(n):                           if __name__ == "__main__":
//       print(f"Process {n} started")                processes = [multiprocessing.Process(target=fetch_data, args=(i,)) for i in range(3)]
//       time.sleep(1)                                for p in processes:
//       print(f"Process {n} finished")                   p.start()
//                                                    for p in processes:
//                                                        p.join()
import { isMainLevel, openProcesses, portable, sleep } from "brigade";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 1_000);

export const fetchData = portable("fetchData", async (n: number) => {
  console.log(`Process ${n} started`);
  await sleep(ms);
  console.log(`Process ${n} finished`);
});

if (isMainLevel()) {
  const pool = openProcesses({ stdio: "inherit" });
  const processes = [0, 1, 2].map((n) => pool.spawn(fetchData, n));
  await Promise.all(processes);
}
