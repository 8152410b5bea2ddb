// Seed: "Coroutine, Thread, and Process", coroutine example. One chef, many dishes: three coroutines take turns on one thread,
// so all three start before the first has finished, and it takes one second in all.
//
//   async def fetch_data(n):                     async def main():
//       print(f"Coroutine {n} started")              await asyncio.gather(*(fetch_data(i) for i in range(3)))
//       await asyncio.sleep(1)
//       print(f"Coroutine {n} finished")         asyncio.run(main())
import { all, sleep } from "brigade";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 1_000);

async function fetchData(n: number): Promise<void> {
  console.log(`Coroutine ${n} started`);
  await sleep(ms);
  console.log(`Coroutine ${n} finished`);
}

// Functions, not promises: so `all` can cancel the others when one fails, and wait for them.
await all([0, 1, 2].map((n) => () => fetchData(n)));
