"""The tasks of app.py in RQ, as the front knows it; the workers are rq_worker.py."""

import datetime
import os
import time

import redis
import rq
import rq.exceptions
import rq.job
import rq.results

import app as handlers
import task_journal

# Seconds that results are kept, and that a task may take.
RESULT_S = 300
TASK_S = 60

# What is raised when the broker is away.
AWAY = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)

connection = redis.Redis.from_url(os.environ["FORKWISE_BROKER"])
queue = rq.Queue("tasks", connection=connection)


class Lost(Exception):
    """The task failed, or its process died with it."""


def perform(task, given):
    """Does a task and gives its output."""
    output = handlers.TASKS[task][1](given)
    # In the name of the worker, which noted that it began and forked this process for it.
    task_journal.note("done", os.environ.get("RQ_JOB_ID", ""), os.getppid())
    return output


def submit(task, given):
    """Puts a task into the queue and gives its id."""
    job = queue.enqueue_call(
        "rq_queue.perform", args=(task, given), result_ttl=RESULT_S, failure_ttl=RESULT_S, timeout=TASK_S
    )
    task_journal.note("accepted", job.id)
    return job.id


def result_of(job, timeout_s):
    """Waits for the output of a task on the stream of its results, as RQ itself does from 1.14 on."""
    if not connection.xread({rq.results.Result.get_key(job): "0-0"}, count=1, block=int(timeout_s * 1000)):
        raise Lost(f"no result within {timeout_s} s")
    result = rq.job.Job.fetch(job, connection=connection).latest_result()
    if result is None or result.type != rq.results.Result.Type.SUCCESSFUL:
        raise Lost(result.exc_string if result else "its result was dropped")
    return result.return_value


def state_of(job):
    """What has become of a job: waiting, active, done with its output, lost with the reason, or unknown."""
    try:
        found = rq.job.Job.fetch(job, connection=connection)
    except rq.exceptions.NoSuchJobError:
        return "unknown", None
    status = found.get_status(refresh=False)
    if status == rq.job.JobStatus.FINISHED:
        return "done", found.return_value()
    if status in (rq.job.JobStatus.QUEUED, rq.job.JobStatus.DEFERRED, rq.job.JobStatus.SCHEDULED):
        return "waiting", None
    if status == rq.job.JobStatus.STARTED:
        return "active", None
    return "lost", found.exc_info


def backlog():
    """Tasks that no worker has taken, and the age of the oldest in seconds."""
    waiting = queue.get_job_ids()
    oldest = queue.fetch_job(waiting[0]) if waiting else None
    if oldest is None or oldest.enqueued_at is None:
        return len(waiting), 0
    enqueued_s = oldest.enqueued_at.replace(tzinfo=datetime.timezone.utc).timestamp()
    return len(waiting), max(0, time.time() - enqueued_s)
