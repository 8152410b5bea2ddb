"""asyncio's queues."""

import asyncio

from measure import main, per_operation


async def handover(n):
    # asyncio has no rendezvous; a queue of one is the nearest.
    there, back = asyncio.Queue(1), asyncio.Queue(1)

    async def ping():
        for i in range(n // 2):
            await there.put(i)
            await back.get()

    async def pong():
        for _ in range(n // 2):
            await back.put(await there.get())

    await asyncio.gather(asyncio.create_task(ping()), asyncio.create_task(pong()))


async def try_send(n):
    queue = asyncio.Queue(128)
    for i in range(n):
        queue.put_nowait(i)
        queue.get_nowait()


async def send(n):
    queue = asyncio.Queue(128)
    for i in range(n):
        await queue.put(i)
        queue.get_nowait()


async def select(n):
    one, other = asyncio.Queue(1), asyncio.Queue(1)
    for i in range(n):
        (other if i % 2 else one).put_nowait(i)
        waiting = [asyncio.create_task(one.get()), asyncio.create_task(other.get())]
        _, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()


main(
    {
        "handover": per_operation(handover),
        "try-send": per_operation(try_send),
        "send": per_operation(send),
        "select": per_operation(select),
    }
)
