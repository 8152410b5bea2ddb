// Seed: "Coroutine, Thread, and Process", thread example. Several chefs in one kitchen: each task has a thread of its own.
// Which of the three starts first is up to the operating system, here as in Python.
//
//   def fetch_data(n):                           threads = [threading.Thread(target=fetch_data, args=(i,)) for i in range(3)]
//       print(f"Thread {n} started")             for t in threads:
//       time.sleep(1)                                t.start()
//       print(f"Thread {n} finished")            for t in threads:
//                                                    t.join()
import { isMainLevel, openThreads, portable, sleep } from "brigade";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 1_000);

// A worker imports this file and calls the function by its name.
export const fetchData = portable("fetchData", async (n: number) => {
  console.log(`Thread ${n} started`);
  await sleep(ms);
  console.log(`Thread ${n} finished`);
});

// What `if __name__ == "__main__":` is to Python: workers import this file too, and must not run what follows.
if (isMainLevel()) {
  // "inherit" passes the workers' lines on as they are; by default each is tagged with the worker's name.
  const pool = openThreads({ stdio: "inherit" });
  const threads = [0, 1, 2].map((n) => pool.spawn(fetchData, n));
  await Promise.all(threads);
}
