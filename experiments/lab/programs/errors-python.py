"""Work goes wrong in some place. Does whoever wanted it hear of it, does the process die, or does nobody notice?"""

import asyncio
import concurrent.futures
import multiprocessing
import os
import signal
import sys
import threading

from lab_trace import end_with_parent, read_argument, emit, emit_result

SILENCE_S = 0.3
FAULTS = ["exception", "sys.exit", "exit", "kill"]

context = multiprocessing.get_context("fork")


def fail(fault):
    """Work that goes wrong."""
    if fault == "exception":
        raise RuntimeError("the work went wrong")
    if fault == "sys.exit":
        sys.exit(3)
    if fault == "exit":
        os._exit(3)
    os.kill(os.getpid(), signal.SIGKILL)


async def fail_async(fault):
    fail(fault)


def report_to_caller(fault, how):
    emit(fault, "heard", how=how)


def in_thread(fault):
    try:
        thread = threading.Thread(target=fail, args=(fault,))
        thread.start()
        thread.join()
    except BaseException:
        report_to_caller(fault, "exception")


def in_process(fault):
    process = start_process(fault)
    process.join()
    if process.exitcode != 0:
        report_to_caller(fault, "exit code")


def in_process_unasked(fault):
    try:
        start_process(fault).join()
    except BaseException:
        report_to_caller(fault, "exception")


def start_process(fault):
    process = context.Process(target=fail, args=(fault,))
    process.start()
    return process


def in_executor(pool, fault):
    try:
        pool.submit(fail, fault).result(20)
    except BaseException:
        report_to_caller(fault, "exception")
    pool.shutdown()


async def in_awaited_task(fault):
    try:
        await asyncio.create_task(fail_async(fault))
    except Exception:
        report_to_caller(fault, "exception")


async def in_forgotten_task(fault):
    try:
        task = asyncio.create_task(fail_async(fault))
        await asyncio.sleep(SILENCE_S)
        del task
    except Exception:
        report_to_caller(fault, "exception")


async def in_callback(fault):
    try:
        asyncio.get_running_loop().call_later(0.01, fail, fault)
        await asyncio.sleep(SILENCE_S)
    except Exception:
        report_to_caller(fault, "exception")


PLACES = {
    "thread": in_thread,
    "process": in_process,
    "process-unasked": in_process_unasked,
    "thread-pool": lambda fault: in_executor(concurrent.futures.ThreadPoolExecutor(1), fault),
    "process-pool": lambda fault: in_executor(concurrent.futures.ProcessPoolExecutor(1, context), fault),
    "awaited-task": lambda fault: asyncio.run(in_awaited_task(fault)),
    "forgotten-task": lambda fault: asyncio.run(in_forgotten_task(fault)),
    "callback": lambda fault: asyncio.run(in_callback(fault)),
}


def try_in_process(place, fault):
    """The caller is a process of its own, since it may not live on; gives its pid."""
    pid = os.fork()
    if pid == 0:
        end_with_parent()
        code = 1
        try:
            PLACES[place](fault)
            code = 0
        except SystemExit:
            code = 3
        finally:
            os._exit(code)
    return pid


def main():
    place = read_argument(place="thread")["place"]
    pids = {try_in_process(place, fault): fault for fault in FAULTS}
    while pids:
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        emit(pids.pop(pid), "ended", well=code == 0, how=f"code {code}")
    emit_result()


if __name__ == "__main__":
    main()
