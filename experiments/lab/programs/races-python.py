"""Threads or processes count together; every increment should be in the end value. Six ways to do it."""

import multiprocessing
import queue
import threading
import time

from lab_trace import end_with_parent, read_argument, emit, emit_result

counter = 0


def plain(increments):
    """Read, add, write; the lock of the interpreter changes hands now and then in between, in some versions."""
    global counter
    for _ in range(increments):
        counter += 1


def across_a_call(increments):
    """Read, call something, write: the lock of the interpreter may change hands in the call."""
    global counter
    for _ in range(increments):
        read = counter
        time.sleep(0)
        counter = read + 1


def locked(lock):
    def count(increments):
        """The three steps with a lock around them."""
        global counter
        for _ in range(increments):
            with lock:
                counter += 1

    return count


def count_in_threads(target, threads, increments):
    workers = [threading.Thread(target=target, args=(increments,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return counter


def count_by_messages(threads, increments):
    """One thread owns the counter; the others send it messages."""
    inbox = queue.SimpleQueue()
    owned = 0

    def send(count):
        for _ in range(count):
            inbox.put(1)

    workers = [threading.Thread(target=send, args=(increments,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for _ in range(threads * increments):
        owned += inbox.get()
    for worker in workers:
        worker.join()
    return owned


def count_in_process(value, lock, barrier, increments):
    """What a process does with a number in memory that all of them share."""
    end_with_parent()
    barrier.wait(10)
    for _ in range(increments):
        if lock is None:
            value.value += 1
        else:
            with lock:
                value.value += 1


def count_in_processes(context, lock, processes, increments):
    value = context.Value("q", 0, lock=False)
    barrier = context.Barrier(processes)
    workers = [
        context.Process(target=count_in_process, args=(value, lock, barrier, increments), daemon=True)
        for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return value.value


def main():
    argument = read_argument(way="across-a-call", threads=2, increments=20_000)
    way, threads, increments = argument["way"], argument["threads"], argument["increments"]
    context = multiprocessing.get_context("fork")
    ways = {
        "plain": lambda: count_in_threads(plain, threads, increments),
        "across-a-call": lambda: count_in_threads(across_a_call, threads, increments),
        "lock": lambda: count_in_threads(locked(threading.Lock()), threads, increments),
        "queue": lambda: count_by_messages(threads, increments),
        "processes": lambda: count_in_processes(context, None, threads, increments),
        "processes-lock": lambda: count_in_processes(context, context.Lock(), threads, increments),
    }
    started = time.perf_counter()
    final = ways[way]()
    took_s = time.perf_counter() - started
    expected = threads * increments
    emit(way, "counted", expected=expected, final=final, lost=expected - final)
    emit_result(expected=expected, final=final, lost=expected - final, nsPerIncrement=took_s * 1e9 / expected)


if __name__ == "__main__":
    main()
