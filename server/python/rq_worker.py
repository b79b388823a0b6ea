"""A worker of RQ as a unit of a launch: forks a process for each task, and measures from outside how long that takes."""

import os
import time

import rq

import rq_queue
import task_journal
import unit
from instrument import TaskInstrument

instrument = unit.read_instrument(TaskInstrument)


class Worker(rq.Worker):
    """RQ's own, with a count and a journal of its tasks."""

    def execute_job(self, job, queue):
        started = time.perf_counter()
        self.exit_status = None
        # Here and not in the process that does it, which may be killed before it comes to that.
        task_journal.note("started", job.id)
        super().execute_job(job, queue)
        if instrument:
            instrument.observe("ok" if self.exit_status == os.EX_OK else "failed", time.perf_counter() - started)

    def wait_for_horse(self):
        pid, self.exit_status, usage = super().wait_for_horse()
        return pid, self.exit_status, usage

    def register_birth(self):
        super().register_birth()
        unit.enter_service(instrument, os.environ["FORKWISE_UNIT"])


# A name is refused for as long as Redis holds a dead worker of the same: the process id makes it unique.
name = f"{os.environ['FORKWISE_UNIT']}-{os.getpid()}"
worker = Worker([rq_queue.queue], name=name, connection=rq_queue.connection)
worker.log_job_description = False
worker.work(logging_level="WARNING")
