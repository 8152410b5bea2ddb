"""asyncio's lock. It has no form that never waits."""

import asyncio

from measure import main, per_operation

CONTENDERS = 1_000


async def nothing():
    pass


async def uncontended(n):
    lock = asyncio.Lock()
    for _ in range(n):
        async with lock:
            await nothing()


async def contended(n):
    lock = asyncio.Lock()

    async def contend():
        for _ in range(n // CONTENDERS):
            async with lock:
                await asyncio.sleep(0)

    await asyncio.gather(*(asyncio.create_task(contend()) for _ in range(CONTENDERS)))


main({"with": per_operation(uncontended), "contended-1000": per_operation(contended)})
