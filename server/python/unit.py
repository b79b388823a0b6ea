"""One process of a launch (core/unit.ts): measured, and announced to the launcher when it is in service."""

import atexit
import fcntl
import itertools
import json
import os
import time


launch_dir = os.environ["FORKWISE_LAUNCH_DIR"]


def read_instrument(kind):
    """An instrument of a kind, or None when the launcher wants none."""
    try:
        with open(os.path.join(launch_dir, "metrics.json")) as file:
            return kind(json.load(file))
    except FileNotFoundError:
        return None


def enter_service(instrument, name=None):
    """Writes units/<name>.json for this process; without a name, `worker-N` with the lowest N that nobody alive has."""
    record = {"role": "worker", "pid": os.getpid(), "readyAtMs": int(time.time() * 1000)}
    if instrument:
        host = os.environ.get("HOST", "127.0.0.1")
        port = instrument.serve(host)
        record["metricsUrl"] = f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics"
    folder = os.path.join(launch_dir, "units")
    with open(os.path.join(folder, "python.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        name = name or next(name for name in map("worker-{}".format, itertools.count(1)) if is_free(folder, name))
        path = os.path.join(folder, f"{name}.json")
        with open(f"{path}.tmp", "w") as file:
            json.dump({"name": name, **record}, file)
        os.rename(f"{path}.tmp", path)
    atexit.register(leave_service, path, os.getpid())


def leave_service(path, pid):
    """Removes the file when the process ends on purpose; a process forked from it has no business there."""
    if os.getpid() == pid:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass


def is_free(folder, name):
    try:
        with open(os.path.join(folder, f"{name}.json")) as file:
            os.kill(json.load(file)["pid"], 0)
    except (FileNotFoundError, ProcessLookupError):
        return True
    except PermissionError:
        pass
    return False
