"""Python's ProcessPoolExecutor: additions in child processes."""

import json
import statistics
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor


def add(a, b):
    return a + b


def rate(workers):
    def sample(size, time_ms):
        with ProcessPoolExecutor(workers) as pool:
            for future in [pool.submit(add, n, 1) for n in range(size)]:
                future.result()
            end = time.perf_counter() + time_ms / 1e3
            slots, done = threading.Semaphore(size), 0
            started = time.perf_counter()

            def free(_future):
                slots.release()

            while time.perf_counter() < end:
                slots.acquire()
                pool.submit(add, done, 1).add_done_callback(free)
                done += 1
            for _ in range(size):
                slots.acquire()
            return done / (time.perf_counter() - started)

    return sample


def round_trip(share):
    def sample(_size, time_ms):
        with ProcessPoolExecutor(1) as pool:
            trips = []
            for _ in range(2):
                trips, end = [], time.perf_counter() + time_ms / 1e3
                while time.perf_counter() < end:
                    begun = time.perf_counter()
                    pool.submit(add, 1, 2).result()
                    trips.append((time.perf_counter() - begun) * 1e6)
            return statistics.quantiles(trips, n=100, method="inclusive")[round(share * 100) - 1]

    return sample


WORKLOADS = {"tiny-1000": rate(1), "tiny-1000x2": rate(2), "tiny-1": round_trip(0.5), "tiny-1-p99": round_trip(0.99)}

if __name__ == "__main__":
    value = WORKLOADS[sys.argv[1]](int(sys.argv[2]), float(sys.argv[3]))
    print(json.dumps({"value": value}))
