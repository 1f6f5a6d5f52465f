"""Timing of one call, in the shape that `martlet bench --json` prints."""

import json
import statistics
import time


def measure(call, seconds, warm_up=2, at_least=5):
    """Median, minimum and maximum time of `call` in milliseconds, over about `seconds`."""
    for _ in range(warm_up):
        call()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < at_least or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return {"median": statistics.median(times), "minimum": min(times), "maximum": max(times)}


def report(milliseconds, **more):
    """Prints one result as JSON."""
    print(json.dumps({"milliseconds": milliseconds, **more}))


def spread_lengths(text, batch):
    """`8:128` as `batch` lengths evenly from 8 to 128, as `martlet bench` draws them; unsorted."""
    low, high = (int(part) for part in text.split(":"))
    lengths = [int(low + (high - low) * i / max(1, batch - 1) + 0.5) for i in range(batch)]
    # A fixed order far from sorted; the work of a step does not depend on which.
    return [lengths[i] for i in sorted(range(batch), key=lambda i: (i * 7919) % 104729 % 97)]
