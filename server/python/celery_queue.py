"""The tasks of app.py in Celery: the module of its workers, and what the front knows of it.

Workers: `python3 -m celery -A celery_queue worker`. FORKWISE_CELERY_ACKS=late has a task acknowledged when it is done
instead of when it is taken, and put back when its process is killed; by default, as Celery's, it is then lost.
"""

import json
import os
import time

import celery
import celery.signals
import kombu.exceptions
import redis

import app as handlers
import task_journal
import unit
from instrument import TaskInstrument

# Seconds that results are kept, and after which a task that nobody acknowledged is given to another worker.
RESULT_S = 300
VISIBILITY_S = 60

# What is raised when the broker is away.
AWAY = (kombu.exceptions.OperationalError, redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)

QUEUE = "tasks"

late = os.environ.get("FORKWISE_CELERY_ACKS") == "late"
app = celery.Celery("forkwise", broker=os.environ["FORKWISE_BROKER"], backend=os.environ["FORKWISE_BROKER"])
app.conf.update(
    task_default_queue=QUEUE,
    result_expires=RESULT_S,
    broker_transport_options={"visibility_timeout": VISIBILITY_S},
    # By default a worker takes four tasks for each of its processes: those behind a long one wait beside idle workers.
    worker_prefetch_multiplier=1,
    task_acks_late=late,
    task_reject_on_worker_lost=late,
    # Only where jobs are asked for: with it there is an answer to whether a task has begun.
    task_track_started=os.environ.get("FORKWISE_EXECUTOR") == "task-queue",
    worker_hijack_root_logger=False,
)

instrument = unit.read_instrument(TaskInstrument)


@app.task(name="perform", bind=True)
def perform(self, task, given):
    """Does a task and gives its output."""
    started = time.perf_counter()
    outcome = "failed"
    task_journal.note("started", self.request.id)
    try:
        output = handlers.TASKS[task][1](given)
        outcome = "ok"
        task_journal.note("done", self.request.id)
        return output
    finally:
        if instrument:
            instrument.observe(outcome, time.perf_counter() - started)


@celery.signals.worker_process_init.connect
def enter_service(**_):
    """Called in each process of the pool once it is about to take tasks."""
    unit.enter_service(instrument)


def submit(task, given):
    """Puts a task into the queue and gives its id."""
    job = celery.utils.uuid()
    if app.conf.task_track_started:
        # Celery calls a task that waits and one that never was alike, so that it is noted who was sent.
        app.backend.store_result(job, None, "SENT")
    perform.apply_async((task, given), task_id=job, retry=False, headers={"sent_at": time.time()})
    task_journal.note("accepted", job)
    return job


def result_of(job, timeout_s):
    """Waits for the output of a task; raises what became of it otherwise."""
    return app.AsyncResult(job).get(timeout=timeout_s)


def state_of(job):
    """What has become of a job: waiting, active, done with its output, lost with the reason, or unknown."""
    result = app.AsyncResult(job)
    state = result.state
    if state == "SUCCESS":
        return "done", result.result
    if state in ("FAILURE", "REVOKED"):
        return "lost", str(result.result)
    return {"SENT": "waiting", "STARTED": "active", "RETRY": "waiting"}.get(state, "unknown"), None


client = redis.Redis.from_url(os.environ["FORKWISE_BROKER"])


def backlog():
    """Tasks that no worker has taken, and the age of the oldest in seconds."""
    length, oldest = client.pipeline().llen(QUEUE).lindex(QUEUE, -1).execute()
    sent_at = json.loads(oldest)["headers"].get("sent_at") if oldest else None
    return length, max(0, time.time() - sent_at) if sent_at else 0
