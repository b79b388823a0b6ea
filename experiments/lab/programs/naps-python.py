"""is_prime in a coroutine that naps with asyncio.sleep(0) after every slice of its work: cost of a nap, and the gaps."""

import asyncio
import math
import statistics
import time

from lab_trace import read_argument, emit, emit_result


async def is_prime(n, per_slice, nap, limit_s):
    """Tries divisors until the number is decided or the time is over; gives how long each slice and nap took, in s."""
    root = math.isqrt(n)
    end_at = time.perf_counter() + limit_s
    slices, naps = [], []
    divisor = 3
    divisible = False
    while divisor <= root and not divisible and time.perf_counter() < end_at:
        slice_at = time.perf_counter()
        end = min(root + 1, divisor + 2 * per_slice)
        for divisor in range(divisor, end, 2):
            if n % divisor == 0:
                divisible = True
                break
        divisor += 2
        nap_at = time.perf_counter()
        await nap()
        slices.append(nap_at - slice_at)
        naps.append(time.perf_counter() - nap_at)
    return slices, naps


async def no_nap():
    """Comes back at once."""


async def sleep_zero():
    """Lets every other coroutine that is ready have a turn."""
    await asyncio.sleep(0)


async def take_every_turn(gaps):
    """A bystander: takes every turn that it gets, and notes the time between two of them."""
    last = time.perf_counter()
    try:
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now
    finally:
        gaps.append(time.perf_counter() - last)


async def main():
    argument = read_argument(number=5000111000222021, slicesUs=[10, 100, 1000, 10_000, 100_000], forMs=40)
    number = argument["number"]
    # The fastest of many slices: what a divisor costs when nothing else has the core.
    s_per_divisor = min((await is_prime(number, 500, no_nap, 0.1))[0]) / 500
    for slice_us in argument["slicesUs"]:
        limit_s = max(argument["forMs"] / 1000, 2 * slice_us / 1e6)
        per_slice = max(1, round(slice_us / 1e6 / s_per_divisor))
        slices, naps = await is_prime(number, per_slice, sleep_zero, limit_s)
        gaps = []
        bystander = asyncio.create_task(take_every_turn(gaps))
        await asyncio.sleep(0)
        work = await is_prime(number, per_slice, sleep_zero, limit_s)
        bystander.cancel()
        await asyncio.gather(bystander, return_exceptions=True)
        emit(
            "asyncio.sleep(0)",
            "slice",
            sliceUs=slice_us,
            napUs=statistics.median(naps) * 1e6,
            slowdown=1 + sum(naps) / sum(slices),
            workMs=sum(map(sum, work)) * 1000,
            turns=len(gaps) - 1,
            medianGapMs=statistics.median(gaps) * 1000,
            longestGapMs=max(gaps) * 1000,
        )
    emit_result()


asyncio.run(main())
