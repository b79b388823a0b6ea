"""The app under test as a plain WSGI application: the same routes, bounds, answers and problem bodies as server/handlers.

Needs nothing beyond the standard library of Python 3.9 or newer, and runs under processes, threads and gevent alike:
no state is shared between requests but the idle connections to the dependency.
"""

import atexit
import functools
import hashlib
import http
import json
import math
import os
import shutil
import sys
import tempfile
import time
import traceback

from dependency import DependencyFailed, ask_upstream
from query import BadRequest, read_whole_numbers

# Methods that the routes answer.
READING = ("GET", "HEAD")


class Overloaded(Exception):
    """There is no room for the request now: answered with 503."""


def application(environ, start_response):
    """The WSGI entry point."""
    path, _, query = raw_target(environ).partition("?")
    return send(environ, start_response, answer(environ["REQUEST_METHOD"], route_of(path), query))


def send(environ, start_response, reply, headers=()):
    """Starts the response of a reply: status, content type and body."""
    status, content_type, body = reply
    retry = [("Retry-After", "1")] if status == 503 else []
    start_response(
        f"{status} {http.HTTPStatus(status).phrase}",
        [("Content-Type", content_type), ("Content-Length", str(len(body))), *retry, *headers],
    )
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    return body if isinstance(body, FilePart) else [body]


def answer(method, route, query, routes=None):
    """Status, content type and body of the answer to a request; `routes` are all of them unless given."""
    handler = (routes or ROUTES).get(route) if method in READING else None
    if handler is None:
        return problem(404, "There is nothing at this path.")
    try:
        output = handler(query)
        if isinstance(output, FilePart):
            return 200, "text/plain; charset=utf-8", output
        return 200, "application/json", encode(output)
    except BadRequest as error:
        return problem(400, "The request cannot be understood.", error.problems)
    except DependencyFailed as error:
        return problem(502, str(error))
    except Overloaded as error:
        return problem(503, str(error))
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return problem(500, "The handler failed.")


class FilePart:
    """The first bytes of a file as a body that is read while it is sent."""

    CHUNK = 65536

    def __init__(self, path, length):
        self.path = path
        self.length = length

    def __len__(self):
        return self.length

    def __iter__(self):
        left = self.length
        with open(self.path, "rb") as file:
            while left > 0:
                chunk = file.read(min(left, self.CHUNK))
                left -= len(chunk)
                yield chunk


# Handlers: each reads the query and gives what is sent as JSON, or a part of a file.


def cpu_prime(query):
    """Trial division by every odd number up to the square root."""
    return prime_of(read_prime(query))


def cpu_fib(query):
    """The naive recursion, all of its calls."""
    return fib_of(read_fib(query))


def cpu_hash(query):
    """PBKDF2-HMAC-SHA256 of a fixed password and salt, in native code without the interpreter's lock."""
    values = read_whole_numbers(query, {"rounds": ("10000", "1", "5000000"), "keys": ("1", "1", "64")})
    rounds = int(values["rounds"])
    keys = [hashlib.pbkdf2_hmac("sha256", b"forkwise", b"a fixed salt", rounds) for _ in range(int(values["keys"]))]
    return {"rounds": rounds, "hash": keys[0].hex()}


def mixed(query):
    """Waits on a timer, then computes as cpu_prime does."""
    ms, n = read_mixed(query)
    time.sleep(ms / 1000)
    return {"ms": ms, "n": str(n), "prime": is_prime(n)}


def io_file(query):
    """Streams the first KiBs of a real file whose lines are numbered."""
    kb = int(read_whole_numbers(query, {"kb": ("100", "1", str(MAX_FILE_KB))})["kb"])
    return FilePart(lines_file(), kb * 1024)


def io_sleep(query):
    """Waits on a timer."""
    ms = read_delay(query)
    time.sleep(ms / 1000)
    return {"ms": ms}


def io_upstream(query):
    """Calls the dependency over a kept connection and passes its answer on."""
    ms = read_delay(query)
    return {"ms": ms, "upstream": ask_upstream(f"/delay?ms={ms}")}


def healthz(_query):
    """Liveness."""
    return {"status": "alive"}


def readyz(_query):
    """Readiness: a process that answers is in service, since WSGI servers stop accepting before they end."""
    return {"status": "ready"}


ROUTES = {
    "/cpu/fib": cpu_fib,
    "/cpu/hash": cpu_hash,
    "/cpu/prime": cpu_prime,
    "/io/file": io_file,
    "/io/sleep": io_sleep,
    "/io/upstream": io_upstream,
    "/mixed": mixed,
    "/healthz": healthz,
    "/readyz": readyz,
}


def read_prime(query):
    return int(read_whole_numbers(query, {"n": ("142702110479723", "0", "9999999999999999")})["n"])


def prime_of(n):
    return {"n": str(n), "prime": is_prime(n)}


def read_fib(query):
    return int(read_whole_numbers(query, {"n": ("27", "0", "38")})["n"])


def fib_of(n):
    return {"n": n, "fib": fib(n)}


# What computes under the interpreter's lock, as a task for another process: how its input is read, and what is done.
TASKS = {"/cpu/prime": (read_prime, prime_of), "/cpu/fib": (read_fib, fib_of)}


def is_prime(n):
    if n < 4:
        return n > 1
    if n % 2 == 0:
        return False
    for divisor in range(3, math.isqrt(n) + 1, 2):
        if n % divisor == 0:
            return False
    return True


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


# The file that io_file serves: as server/handlers/io-file.ts makes it, and the same file where both run in one launch.

MAX_FILE_KB = 10240
LINE_END = " Forkwise reads this line from a file and streams it.\n"


def lines_file():
    launch_dir = os.environ.get("FORKWISE_LAUNCH_DIR", "")
    folder = os.path.join(launch_dir, "tmp") if launch_dir else own_folder()
    path = os.path.join(folder, "lines.txt")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        fd, unfinished = tempfile.mkstemp(dir=folder)
        with os.fdopen(fd, "w") as file:
            file.writelines(f"{line:010d}{LINE_END}" for line in range(MAX_FILE_KB * 16))
        os.rename(unfinished, path)
    return path


@functools.cache
def own_folder():
    """A folder of this process, without a launch: removed when it ends."""
    folder = tempfile.mkdtemp(prefix="forkwise-files-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


# Reading requests. Express sees the target as it was sent, matches paths whatever their case and with or without a
# slash at their end, and URLSearchParams reads the query; so do these.


def raw_target(environ):
    """The request target before any decoding, as gunicorn, or uWSGI and mod_wsgi, pass it on."""
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    return target or f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}"


def route_of(path):
    route = path.lower()
    return route[:-1] if len(route) > 1 and route.endswith("/") else route


def route_name(environ):
    """The route that answers a request, for metrics; empty when none does."""
    route = route_of(raw_target(environ).partition("?")[0])
    return route if route in ROUTES and environ["REQUEST_METHOD"] in READING else ""


def read_delay(query):
    return int(read_whole_numbers(query, {"ms": ("50", "0", "10000")})["ms"])


def read_mixed(query):
    given = read_whole_numbers(
        query, {"ms": ("50", "0", "10000"), "n": ("1000000000039", "0", "9999999999999999")}
    )
    return int(given["ms"]), int(given["n"])


# Writing answers.


def problem(status, detail, problems=None):
    body = {"type": "about:blank", "title": http.HTTPStatus(status).phrase, "status": status, "detail": detail}
    if problems is not None:
        body["problems"] = problems
    return status, "application/problem+json", encode(body)


def encode(output):
    """JSON as JSON.stringify writes it."""
    return json.dumps(output, separators=(",", ":"), ensure_ascii=False).encode()
