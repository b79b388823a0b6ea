"""The app under test as a plain WSGI application: the same routes, bounds, answers and problem bodies as server/handlers.

Needs nothing beyond the standard library of Python 3.9 or newer, and runs under processes, threads and gevent alike:
no state is shared between requests but the idle connections to the dependency.
"""

import atexit
import collections
import functools
import hashlib
import http
import http.client
import json
import math
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
import urllib.parse

# Methods that the routes answer.
READING = ("GET", "HEAD")

WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

# Seconds that an idle connection to the dependency is used again, and that the dependency may take to answer.
UPSTREAM_IDLE_S = 60
UPSTREAM_TIMEOUT_S = 30


class BadRequest(Exception):
    """Input outside of a handler's bounds: answered with 400 and a problem body."""

    def __init__(self, problems):
        super().__init__(" ".join(problems))
        self.problems = problems


class Overloaded(Exception):
    """There is no room for the request now: answered with 503."""


class DependencyFailed(Exception):
    """The dependency did not answer as expected: answered with 502 and a problem body."""


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
    rounds = int(read_whole_numbers(query, {"rounds": ("10000", "1", "5000000")})["rounds"])
    return {"rounds": rounds, "hash": hashlib.pbkdf2_hmac("sha256", b"forkwise", b"a fixed salt", rounds).hex()}


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


# Calling the dependency.

# Connections that nobody uses, the last used at the end; append and pop are atomic in threads and greenlets.
idle_connections = collections.deque()


def ask_upstream(path):
    address = os.environ.get("FORKWISE_UPSTREAM", "").rstrip("/")
    if address == "":
        raise DependencyFailed("There is no dependency to call: set `FORKWISE_UPSTREAM` to the address of one.")
    try:
        connection, kept = take_connection(address)
        try:
            return exchange(connection, path)
        except (ConnectionError, http.client.BadStatusLine):
            if not kept:
                raise
        # A kept connection may have been closed by the other side just now: once more on a new one.
        return exchange(open_connection(address), path)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DependencyFailed("The dependency did not answer.") from error


def take_connection(address):
    """A connection, and whether it was used before."""
    while True:
        try:
            connection, idle_since = idle_connections.pop()
        except IndexError:
            return open_connection(address), False
        if time.monotonic() - idle_since < UPSTREAM_IDLE_S:
            return connection, True
        connection.close()


def open_connection(address):
    place = urllib.parse.urlsplit(address)
    return http.client.HTTPConnection(place.hostname, place.port or 80, timeout=UPSTREAM_TIMEOUT_S)


def exchange(connection, path):
    """Sends a request and gives its answer; the connection is kept when all went well, else closed."""
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        output = json.loads(text)
    except BaseException:
        connection.close()
        raise
    idle_connections.append((connection, time.monotonic()))
    return output


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


def read_whole_numbers(query, parameters):
    """Reads the whole numbers that the query may hold, by name: (fallback, min, max) in decimal digits.

    Raises BadRequest with every problem: unknown or repeated parameters, anything but digits, values out of bounds.
    """
    given = parse_query(query)
    expected = ", ".join(f"`{name}`" for name in parameters)
    problems = [
        f"Unknown parameter `{shown(name)}`; expected {expected}." for name in given if name not in parameters
    ]
    values = {}
    for name, (fallback, low, high) in parameters.items():
        texts = given.get(name, [fallback])
        text = texts[0]
        if len(texts) > 1:
            problems.append(f"Expected `{name}` once, got it {len(texts)} times.")
        elif not WHOLE_NUMBER.fullmatch(text) or not int(low) <= int(text) <= int(high):
            problems.append(f'Expected `{name}` to be a whole number from {low} to {high}, got "{shown(text)}".')
        values[name] = text
    if problems:
        raise BadRequest(problems)
    return values


def parse_query(query):
    """The values of each name, names in the order in which they first came. A leading "?" does not count."""
    given = {}
    for pair in query.removeprefix("?").split("&"):
        if pair != "":
            name, _, value = pair.partition("=")
            given.setdefault(decoded(name), []).append(decoded(value))
    return given


def decoded(text):
    """Undoes percent-encoding; where that is broken anywhere, all bytes are read as UTF-8 with replacements."""
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    try:
        if not BROKEN_ESCAPE.search(text):
            return urllib.parse.unquote(text, errors="strict")
    except UnicodeDecodeError:
        pass
    return urllib.parse.unquote_to_bytes(text.encode("latin-1")).decode("utf-8", "replace")


def shown(text):
    """Input as it may be shown in a message: printable ASCII, at most 40 characters, counted as JavaScript does."""
    printable = (c if " " <= c <= "~" else "?" if c <= "\uffff" else "??" for c in text)
    return "".join(printable)[:40]


# Writing answers.


def problem(status, detail, problems=None):
    body = {"type": "about:blank", "title": http.HTTPStatus(status).phrase, "status": status, "detail": detail}
    if problems is not None:
        body["problems"] = problems
    return status, "application/problem+json", encode(body)


def encode(output):
    """JSON as JSON.stringify writes it."""
    return json.dumps(output, separators=(",", ":"), ensure_ascii=False).encode()
