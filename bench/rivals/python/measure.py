"""Takes one sample of an asyncio program: `python3 SUITE.py WORKLOAD SIZE TIME_MS` prints `{"value": ...}`.

The rules are those of measure/per-operation.ts and measure/suspended-bytes.ts.
"""

import asyncio
import gc
import json
import statistics
import sys
import time

FEWEST_BATCHES = 3
PATIENCE = 20


def per_operation(run):
    """`await run(n)` does n operations; the sample is the median of batches, in nanoseconds for one."""

    async def sample(size, time_ms):
        async def batch():
            started = time.perf_counter()
            await run(size)
            return (time.perf_counter() - started) * 1e3

        spent = 0.0
        while spent < time_ms:
            took = await batch()
            if took > time_ms * PATIENCE:
                return took * 1e6 / size
            spent += took
        values, spent = [], 0.0
        while spent < time_ms or (len(values) < FEWEST_BATCHES and spent < time_ms * 10):
            took = await batch()
            spent += took
            values.append(took * 1e6 / size)
        return statistics.median(values)

    return sample


def suspended_bytes(start):
    """`start(n, opened)` makes n tasks that wait for the event; the sample is what one of them adds to the resident memory."""

    async def sample(size, _time_ms):
        opened = asyncio.Event()
        gc.collect()
        before = resident_bytes()
        tasks = start(size, opened)
        await asyncio.sleep(0)
        gc.collect()
        after = resident_bytes()
        opened.set()
        await asyncio.gather(*tasks)
        return (after - before) / size

    return sample


def resident_bytes():
    """Linux only: elsewhere there is no figure of this moment without a package."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        pages = int(statm.read().split()[1])
    import resource

    return pages * resource.getpagesize()


def main(workloads):
    """Takes the sample that the command line asks for."""
    name, size, time_ms = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    value = asyncio.run(workloads[name](size, time_ms))
    print(json.dumps({"value": value}))
