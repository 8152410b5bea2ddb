// Seed: "Process vs Thread vs Coroutine", coroutine example. Two coroutines wait for the same second, not for one after the other.
//
//   async def say_hello():                       async def main():
//       await asyncio.sleep(1)                       await asyncio.gather(say_hello(), say_hello())
//       print("Hello")
//                                                asyncio.run(main())
import { all, sleep } from "brigade";

const ms = Number(process.env.BRIGADE_EXAMPLE_MS ?? 1_000);

async function sayHello(): Promise<void> {
  await sleep(ms);
  console.log("Hello");
}

await all([sayHello, sayHello]);
