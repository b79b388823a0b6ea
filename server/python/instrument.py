"""Measures the app, or the tasks, of one worker process and serves its metrics, as server/metrics does for Node.

Which metrics there are, their names, help and buckets, is said by the launcher in a file, so that core/metrics.ts stays
the only catalogue. The metrics are served from a native thread: also while the app computes, and under gevent.
"""

import _thread
import bisect
import os
import re
import socket
import sys
import time

# Seconds that a client of the metrics may take for its request.
SCRAPE_TIMEOUT_S = 2

# Methods that get a label of their own; others are _OTHER, or anyone could make series.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Instrument:
    """Serves the metrics of this process; `catalogue` holds the specs of metrics by their keys in core/metrics.ts."""

    def __init__(self, catalogue):
        self.catalogue = catalogue
        self.lock = native("allocate_lock")()

    def serve(self, host):
        """Serves /metrics, /healthz and /readyz on a free port until the process ends; gives the port."""
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.bind((host, 0))
        listener.listen()
        port = listener.getsockname()[1]
        native("start_new_thread")(self.answer_scrapes, (listener.detach(),))
        return port

    def answer_scrapes(self, fd):
        listener = socket.socket(fileno=fd)
        while True:
            connection, _ = listener.accept()
            try:
                connection.settimeout(SCRAPE_TIMEOUT_S)
                connection.sendall(self.answer(read_path(connection)))
            except (OSError, IndexError):
                pass
            finally:
                connection.close()

    def answer(self, path):
        if path == "/metrics":
            return response("200 OK", "text/plain; version=0.0.4; charset=utf-8", self.exposition())
        if path in ("/healthz", "/readyz"):
            return response("200 OK", "application/json", '{"status":"ready"}')
        return response("404 Not Found", "text/plain", "Nothing here; try /metrics.\n")

    def exposition(self):
        lines = self.figures()
        for key, value in process_figures().items():
            lines += self.family(key, value)
        return "\n".join(lines) + "\n"

    def figures(self):
        """The lines of what this kind of process counts."""
        return []

    def family(self, key, value=None, labels=()):
        spec = self.catalogue[key]
        head = [f"# HELP {spec['name']} {spec['help']}", f"# TYPE {spec['name']} {spec['kind']}"]
        if value is None:
            return head
        return [*head, self.sample(key, value, labels)]

    def sample(self, key, value, labels=()):
        spec = self.catalogue[key]
        pairs = ",".join(f'{name}="{label}"' for name, label in zip(spec["labels"], labels))
        return f"{spec['name']}{{{pairs}}} {value}" if pairs else f"{spec['name']} {value}"

    def histogram(self, key, values, counts, total):
        spec = self.catalogue[key]
        labels = "".join(f'{name}="{value}",' for name, value in zip(spec["labels"], values))
        series = f"{{{labels[:-1]}}}" if labels else ""
        lines = []
        below = 0
        for bound, count in zip([*spec["buckets"], "+Inf"], counts):
            below += count
            lines.append(f'{spec["name"]}_bucket{{{labels}le="{bound}"}} {below}')
        return [*lines, f"{spec['name']}_sum{series} {total}", f"{spec['name']}_count{series} {below}"]


class RequestInstrument(Instrument):
    """Counts the requests of a process that answers them; `backlog` gives length and oldest age of a queue, if any."""

    def __init__(self, catalogue):
        super().__init__(catalogue)
        self.bounds = catalogue["requestDuration"]["buckets"]
        self.durations = {}
        self.active = 0
        self.backlog = None

    def measure(self, application, route_of):
        """The application with its requests counted; `route_of` names the route that answers a path, or "" for none."""

        def measured(environ, start_response):
            started = time.perf_counter()
            status = "500"

            def remember(status_line, headers, exc_info=None):
                nonlocal status
                status = status_line[:3]
                return start_response(status_line, headers, exc_info)

            with self.lock:
                self.active += 1
            try:
                return application(environ, remember)
            finally:
                method = environ["REQUEST_METHOD"]
                self.observe(
                    method if method in METHODS else "_OTHER",
                    route_of(environ),
                    status,
                    time.perf_counter() - started,
                )

        return measured

    def measure_async(self, application, route_of):
        """As `measure`, for an ASGI application."""

        async def measured(scope, receive, send):
            started = time.perf_counter()
            status = "500"

            async def remember(message):
                nonlocal status
                if message["type"] == "http.response.start":
                    status = str(message["status"])
                await send(message)

            with self.lock:
                self.active += 1
            try:
                await application(scope, receive, remember)
            finally:
                method = scope["method"]
                self.observe(
                    method if method in METHODS else "_OTHER",
                    route_of(scope),
                    status,
                    time.perf_counter() - started,
                )

        return measured

    def observe(self, method, route, status, seconds):
        place = bisect.bisect_left(self.bounds, seconds)
        with self.lock:
            self.active -= 1
            series = self.durations.setdefault((method, route, status), [[0] * (len(self.bounds) + 1), 0.0])
            series[0][place] += 1
            series[1] += seconds

    def figures(self):
        with self.lock:
            durations = [(labels, list(counts), total) for labels, (counts, total) in self.durations.items()]
        lines = self.family("requestDuration")
        for labels, counts, total in durations:
            lines += self.histogram("requestDuration", labels, counts, total)
        lines += self.family("activeRequests", self.active)
        if self.backlog:
            length, oldest_age_s = self.backlog()
            lines += self.family("taskQueueLength", length, ["tasks"])
            lines += self.family("taskQueueOldestAge", oldest_age_s, ["tasks"])
        return lines


class TaskInstrument(Instrument):
    """Counts the tasks of a process that works off a queue."""

    def __init__(self, catalogue):
        super().__init__(catalogue)
        self.bounds = catalogue["taskDuration"]["buckets"]
        self.counts = [0] * (len(self.bounds) + 1)
        self.total_s = 0.0
        self.outcomes = {"ok": 0, "failed": 0}

    def observe(self, outcome, seconds):
        with self.lock:
            self.counts[bisect.bisect_left(self.bounds, seconds)] += 1
            self.total_s += seconds
            self.outcomes[outcome] += 1

    def figures(self):
        with self.lock:
            counts, total_s, outcomes = list(self.counts), self.total_s, dict(self.outcomes)
        return [
            *self.family("poolMemberTasks", sum(counts)),
            *self.family("poolMemberBusy", total_s),
            *self.family("taskDuration"),
            *self.histogram("taskDuration", ["tasks"], counts, total_s),
            *self.family("tasks"),
            *(self.sample("tasks", count, ["tasks", outcome]) for outcome, count in outcomes.items()),
        ]


def native(name):
    """A function of _thread that concerns threads of the system, also where gevent has put its own in place."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey.get_original("_thread", name) if monkey else getattr(_thread, name)


def read_path(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if part == b"":
            break
        head += part
    return head.split(b" ", 2)[1].decode("latin-1").partition("?")[0]


def response(status, content_type, body):
    content = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    return head.encode() + content


def process_figures():
    """What /proc reports about this process, by the keys of core/metrics.ts."""
    with open("/proc/self/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    with open("/proc/stat") as file:
        boot_s = int(re.search(r"^btime (\d+)$", file.read(), re.MULTILINE)[1])
    with open("/proc/self/limits") as file:
        max_fds = re.search(r"^Max open files\s+(\d+)", file.read(), re.MULTILINE)
    ticks_per_s = os.sysconf("SC_CLK_TCK")
    return {
        "processCpu": (int(fields[11]) + int(fields[12])) / ticks_per_s,
        "residentMemory": int(fields[21]) * os.sysconf("SC_PAGE_SIZE"),
        "processStart": boot_s + int(fields[19]) / ticks_per_s,
        "openFds": len(os.listdir("/proc/self/fd")),
        **({"maxFds": int(max_fds[1])} if max_fds else {}),
    }
