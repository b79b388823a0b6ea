"""Jobs in a pool of two workers. One job may go wrong: does the pool end, and what is lost?"""

import concurrent.futures
import math
import multiprocessing
import os
import queue
import threading
import time

from lab_trace import end_with_parent, read_argument, emit, emit_result

context = multiprocessing.get_context("fork")


def is_prime(n):
    if n < 2 or n % 2 == 0:
        return n == 2
    return all(n % i for i in range(3, math.isqrt(n) + 1, 2))


def do_job(job):
    """Tests a number, or goes wrong in the middle of it."""
    if job["fault"] == "die":
        os._exit(1)
    if job["fault"] == "throw":
        raise RuntimeError("the job went wrong")
    return is_prime(job["n"])


def work(jobs, results):
    """Takes jobs until the poison pill, and passes that on as its last result."""
    while (job := jobs.get()) is not None:
        results.put((job["id"], do_job(job)))
    results.put(None)


def run_naive(start, new_queue, jobs, size, silence_s):
    """The pool as one writes it first: a queue of jobs with a pill for each worker at its end."""
    to_do, results = new_queue(), new_queue()
    workers = [start(target=work, args=(to_do, results), daemon=True) for _ in range(size)]
    for worker in workers:
        worker.start()
    for job in jobs + [None] * size:
        to_do.put(job)
    ended, done = 0, []
    end_at = time.monotonic() + silence_s
    while ended < size and time.monotonic() < end_at:
        try:
            result = results.get(timeout=0.1)
        except queue.Empty:
            continue
        end_at = time.monotonic() + silence_s
        if result is None:
            ended += 1
        else:
            done.append(result[0])
            emit("pool", "done", job=result[0])
    for worker in workers:
        if hasattr(worker, "kill"):
            worker.kill()
    return ended < size, done, []


def run_executor(jobs, size):
    """The pool of the standard library."""
    done, rejected = [], []
    with concurrent.futures.ProcessPoolExecutor(size, context) as pool:
        futures = {pool.submit(do_job, job): job["id"] for job in jobs}
        for future in concurrent.futures.as_completed(futures):
            failed = future.exception() is not None
            (rejected if failed else done).append(futures[future])
            emit("pool", "rejected" if failed else "done", job=futures[future])
    return False, done, rejected


def main():
    argument = read_argument(pool="processes", fault="none", jobs=12, workers=2, silenceMs=1500)
    end_with_parent()
    count, size, silence_s = argument["jobs"], argument["workers"], argument["silenceMs"] / 1000
    jobs = [
        {
            "id": index + 1,
            # The first number takes long, so that the second worker is ahead of the first.
            "n": 1000000016000000063 // 10**5 if index == 0 else 1_000_000_000_039,
            "fault": argument["fault"] if index == count // 3 else "none",
        }
        for index in range(count)
    ]
    pools = {
        "threads": lambda: run_naive(threading.Thread, queue.Queue, jobs, size, silence_s),
        "processes": lambda: run_naive(context.Process, context.Queue, jobs, size, silence_s),
        "executor": lambda: run_executor(jobs, size),
    }
    started = time.perf_counter()
    hung, done, rejected = pools[argument["pool"]]()
    lost = [job["id"] for job in jobs if job["id"] not in done and job["id"] not in rejected]
    for job in lost:
        emit("pool", "lost", job=job)
    emit_result(
        hung=hung,
        done=len(done),
        rejected=len(rejected),
        lost=len(lost),
        outOfOrder=done != sorted(done),
        tookMs=(time.perf_counter() - started) * 1000,
    )
    os._exit(0)


if __name__ == "__main__":
    main()
