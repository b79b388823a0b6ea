"""The WSGI app in front of a task queue: what computes is handed over, everything else is answered here.

FORKWISE_EXECUTOR says how: with `task-queue` a task is answered with 202 and the address of its job, with
`task-queue-reply` the request waits for the result. FORKWISE_QUEUE names the module that knows the queue: `celery_queue`
or `rq_queue`, each with `submit`, `result_of`, `state_of`, `backlog`, and the errors that mean its broker is away.
"""

import importlib
import json
import os
import sys
import threading
import time

import app
import unit
from instrument import RequestInstrument

queue = importlib.import_module(os.environ["FORKWISE_QUEUE"])
waits = os.environ["FORKWISE_EXECUTOR"] == "task-queue-reply"

# Tasks that may wait before requests are shed, and how often it is looked how many do, in seconds.
MOST_WAITING = int(os.environ.get("FORKWISE_POOL_QUEUE") or 1000)
SAMPLE_S = 1

# Longest wait of a request for its result, in seconds: none computes for longer than 10 s, and some wait before.
WAIT_S = 60


AWAY = "The broker of the task queue does not answer."


class Backlog:
    """Tasks that wait, as of the last look plus those that came since; and the age of the oldest, in seconds."""

    def __init__(self):
        self.waiting = 0
        self.oldest_age_s = 0
        self.lock = threading.Lock()

    def watch(self):
        while True:
            try:
                waiting, self.oldest_age_s = queue.backlog()
                with self.lock:
                    self.waiting = waiting
            except queue.AWAY:
                pass
            time.sleep(SAMPLE_S)

    def take_place(self):
        """False when too many wait already."""
        with self.lock:
            if self.waiting >= MOST_WAITING:
                return False
            self.waiting += 1
            return True

    def leave_place(self):
        with self.lock:
            self.waiting = max(0, self.waiting - 1)


backlog = Backlog()


def application(environ, start_response):
    """The WSGI entry point."""
    path, _, query = app.raw_target(environ).partition("?")
    route = app.route_of(path)
    reading = environ["REQUEST_METHOD"] in app.READING
    if reading and not waits and path.startswith("/jobs/"):
        return send_state(environ, start_response, path[len("/jobs/") :])
    reply = app.answer(environ["REQUEST_METHOD"], route, query, ROUTES)
    if reading and not waits and route in app.TASKS and reply[0] == 200:
        return accepted(environ, start_response, json.loads(reply[2]), "waiting")
    return app.send(environ, start_response, reply)


def accepted(environ, start_response, job, state):
    body = app.encode({"job": job, "state": state})
    return app.send(environ, start_response, (202, "application/json", body), [("Location", f"/jobs/{job}")])


def send_state(environ, start_response, job):
    """Answers with the state of a job, or its outcome."""
    try:
        state, outcome = queue.state_of(job)
    except queue.AWAY:
        return app.send(environ, start_response, app.problem(503, AWAY))
    if state in ("waiting", "active"):
        return accepted(environ, start_response, job, state)
    if state == "done":
        return app.send(environ, start_response, (200, "application/json", app.encode(outcome)))
    if state == "lost":
        print(f"The task {job} was lost: {outcome}", file=sys.stderr)
        return app.send(environ, start_response, app.problem(500, "The handler failed."))
    return app.send(
        environ, start_response, app.problem(404, "There is no job of this id, or its result has been dropped.")
    )


def submit(task, given):
    """Puts a task into the queue and gives its id; raises Overloaded when too many wait, or the broker is away."""
    if not backlog.take_place():
        raise app.Overloaded("The task queue is full.")
    try:
        return queue.submit(task, given)
    except queue.AWAY as error:
        raise app.Overloaded(AWAY) from error


def compute(task, given):
    """Has a task done and gives its output."""
    job = submit(task, given)
    try:
        return queue.result_of(job, WAIT_S)
    except queue.AWAY as error:
        raise app.Overloaded(AWAY) from error
    finally:
        backlog.leave_place()


def through_queue(task):
    """The handler of a task: gives its output, or the id of its job."""

    def run(query):
        given = app.TASKS[task][0](query)
        return compute(task, given) if waits else submit(task, given)

    return run


def mixed(query):
    """Waits on a timer, then has computed what there is to compute."""
    ms, n = app.read_mixed(query)
    time.sleep(ms / 1000)
    return {"ms": ms, **compute("/cpu/prime", n)}


ROUTES = {**app.ROUTES, **{task: through_queue(task) for task in app.TASKS}, "/mixed": mixed}


def route_name(environ):
    """The route that answers a request, for metrics."""
    path = app.raw_target(environ).partition("?")[0]
    return "/jobs/:id" if path.startswith("/jobs/") and not waits else app.route_name(environ)


instrument = unit.read_instrument(RequestInstrument)
if instrument:
    instrument.backlog = lambda: (backlog.waiting, backlog.oldest_age_s)
    application = instrument.measure(application, route_name)


def enter_service():
    """Called in the one worker of this app once it is about to accept."""
    threading.Thread(target=backlog.watch, daemon=True).start()
    unit.enter_service(instrument, "web")
