"""A spinner shows a frame every tenth of a second while something takes some seconds. Does it go on turning?"""

import asyncio
import math
import multiprocessing
import threading
import time

from lab_trace import read_argument, emit, emit_result

FRAME_S = 0.1
NAP_EVERY = 50_000


def is_prime(n):
    if n < 2 or n % 2 == 0:
        return n == 2
    for i in range(3, math.isqrt(n) + 1, 2):
        if n % i == 0:
            return False
    return True


async def is_prime_with_naps(n):
    for i in range(3, math.isqrt(n) + 1, 2):
        if n % i == 0:
            return False
        if i % NAP_EVERY == 1:
            await asyncio.sleep(0)
    return True


def compute(n, seconds):
    end = time.perf_counter() + seconds
    while True:
        is_prime(n)
        if time.perf_counter() >= end:
            return


async def compute_with_naps(n, seconds):
    end = time.perf_counter() + seconds
    while True:
        await is_prime_with_naps(n)
        if time.perf_counter() >= end:
            return


def spin(done):
    while not done.wait(FRAME_S):
        emit("spinner", "frame")


def with_spinner(start, done, work):
    """The spinner is the thread or process; the work stays here."""
    spinner = start(target=spin, args=(done,))
    spinner.start()
    time.sleep(2.5 * FRAME_S)
    emit("work", "start")
    work()
    emit("work", "end")
    time.sleep(2.5 * FRAME_S)
    done.set()
    spinner.join()


async def spin_async():
    while True:
        await asyncio.sleep(FRAME_S)
        emit("spinner", "frame")


async def with_coroutine(work):
    spinner = asyncio.create_task(spin_async())
    await asyncio.sleep(2.5 * FRAME_S)
    emit("work", "start")
    await work()
    emit("work", "end")
    await asyncio.sleep(2.5 * FRAME_S)
    spinner.cancel()


async def sleep_blocking(seconds):
    time.sleep(seconds)


def main():
    argument = read_argument(way="thread", n="5000111000222021", seconds=3)
    n, seconds = int(argument["n"]), argument["seconds"]
    ways = {
        "thread": lambda: with_spinner(threading.Thread, threading.Event(), lambda: compute(n, seconds)),
        # The computing is the other process here: the clock of all frames is this one's.
        "process": lambda: with_spinner(threading.Thread, threading.Event(), lambda: compute_elsewhere(n, seconds)),
        "coroutine": lambda: asyncio.run(with_coroutine(lambda: asyncio.sleep(seconds))),
        "sleep": lambda: asyncio.run(with_coroutine(lambda: sleep_blocking(seconds))),
        "naps": lambda: asyncio.run(with_coroutine(lambda: compute_with_naps(n, seconds))),
    }
    ways[argument["way"]]()
    emit_result()


def compute_elsewhere(n, seconds):
    worker = multiprocessing.Process(target=compute, args=(n, seconds))
    worker.start()
    worker.join()


if __name__ == "__main__":
    main()
