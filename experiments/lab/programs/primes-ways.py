"""Tests numbers for primality: one after the other, or over threads or processes."""

import math
import multiprocessing
import queue
import threading
import time

from lab_trace import now_ms, read_argument, emit, emit_result


def is_prime(n):
    if n < 2 or n % 2 == 0:
        return n == 2
    for i in range(3, math.isqrt(n) + 1, 2):
        if n % i == 0:
            return False
    return True


def work(lane, jobs, results):
    """Tests numbers until there is a 0."""
    while True:
        n = jobs.get()
        if n == 0:
            return
        start = time.perf_counter()
        prime = is_prime(n)
        results.put((lane, n, prime, (time.perf_counter() - start) * 1000))


def over(start, queues, numbers, workers):
    jobs, results = queues(), queues()
    for n in numbers + [0] * workers:
        jobs.put(n)
    started = [start(target=work, args=(f"worker {i + 1}", jobs, results)) for i in range(workers)]
    for worker in started:
        worker.start()
    primes = 0
    for _ in numbers:
        lane, n, prime, took_ms = results.get()
        emit(lane, "job", **{"n": str(n), "from": now_ms() - took_ms, "prime": prime})
        primes += prime
    took = now_ms()
    for worker in started:
        worker.join()
    return primes, took


def in_sequence(numbers, _workers):
    primes = 0
    for n in numbers:
        start = now_ms()
        prime = is_prime(n)
        emit("main", "job", **{"n": str(n), "from": start, "prime": prime})
        primes += prime
    return primes, now_ms()


WAYS = {
    "sequence": in_sequence,
    "threads": lambda numbers, workers: over(threading.Thread, queue.SimpleQueue, numbers, workers),
    "processes": lambda numbers, workers: over(
        multiprocessing.Process, multiprocessing.SimpleQueue, numbers, workers
    ),
}


def main():
    argument = read_argument(way="sequence", numbers=["142702110479723"], workers=2)
    started, began = now_ms(), time.process_time()
    primes, ended = WAYS[argument["way"]]([int(n) for n in argument["numbers"]], argument["workers"])
    # Of this process with all its threads; what others compute is not in it.
    cores = (time.process_time() - began) * 1000 / (ended - started)
    emit_result(primes=primes, tookMs=ended - started, **({} if argument["way"] == "processes" else {"cores": cores}))


if __name__ == "__main__":
    main()
