"""asyncio's tasks: created, each waiting once, joined."""

import asyncio

from measure import main, per_operation, suspended_bytes


async def once():
    await asyncio.sleep(0)
    return 1


async def task(n):
    tasks = [asyncio.create_task(once()) for _ in range(n)]
    for one in tasks:
        await one


async def wait(opened):
    await opened.wait()


def suspended(n, opened):
    return [asyncio.create_task(wait(opened)) for _ in range(n)]


main({"task": per_operation(task), "task-bytes": suspended_bytes(suspended)})
