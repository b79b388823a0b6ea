"""What it takes to start and end a process, a thread, a coroutine or a generator, and to keep some of them."""

import asyncio
import re
import subprocess
import sys
import threading
import time

from lab_trace import read_argument, emit, emit_result


def memory_of(pid):
    """Memory in bytes, what is shared with others counted in part (Linux); 0 where the kernel does not report it."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return 1024 * int(re.search(r"^Pss:\s+(\d+)", file.read(), re.MULTILINE).group(1))
    except OSError:
        return 0


def process(times, keep):
    started = time.perf_counter()
    for _ in range(times):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
    took = time.perf_counter() - started
    program = [sys.executable, "-c", "import sys; print('here', flush=True); sys.stdin.read()"]
    children = [subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(keep)]
    for child in children:
        child.stdout.readline()
    kept = sum(memory_of(child.pid) for child in children)
    for child in children:
        child.communicate()
    return took, kept


def thread(times, keep):
    started = time.perf_counter()
    for _ in range(times):
        worker = threading.Thread(target=int)
        worker.start()
        worker.join()
    took = time.perf_counter() - started
    before, done = memory_of("self"), threading.Event()
    workers = [threading.Thread(target=done.wait) for _ in range(keep)]
    for worker in workers:
        worker.start()
    kept = memory_of("self") - before
    done.set()
    for worker in workers:
        worker.join()
    return took, kept


def coroutine(times, keep):
    return asyncio.run(coroutines(times, keep))


async def coroutines(times, keep):
    async def nothing():
        pass

    started = time.perf_counter()
    for _ in range(times):
        await asyncio.create_task(nothing())
    took = time.perf_counter() - started
    before, done = memory_of("self"), asyncio.Event()
    tasks = [asyncio.create_task(done.wait()) for _ in range(keep)]
    await asyncio.sleep(0)
    kept = memory_of("self") - before
    done.set()
    await asyncio.gather(*tasks)
    return took, kept


def generator(times, keep):
    def one():
        yield

    started = time.perf_counter()
    for _ in range(times):
        for _ in one():
            pass
    took = time.perf_counter() - started
    before = memory_of("self")
    kept = [one() for _ in range(keep)]
    for each in kept:
        next(each)
    return took, memory_of("self") - before


def main():
    argument = read_argument(what="thread", times=100, keep=100)
    kinds = {"process": process, "thread": thread, "coroutine": coroutine, "generator": generator}
    took_s, kept_bytes = kinds[argument["what"]](argument["times"], argument["keep"])
    us, each = took_s / argument["times"] * 1e6, kept_bytes / argument["keep"]
    emit(argument["what"], "measured", us=us, bytes=each)
    emit_result(us=us, bytes=each)


if __name__ == "__main__":
    main()
