"""The app as a unit of a launch: measured, and announced to the launcher when it is in service (core/unit.ts).

Every server loads it in its own way. Gunicorn: `--config gunicorn.conf.py unit:application`, in this folder. uWSGI:
`--wsgi-file unit.py`, with a master. mod_wsgi: WSGIScriptAlias with a process group. Without a launch, serve app.py.
"""

import atexit
import fcntl
import itertools
import json
import os
import sys
import time

# mod_wsgi and uWSGI load this file by its path alone.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import app
from instrument import Instrument


def read_instrument(launch_dir):
    """The instrument that the launcher wants, or None."""
    try:
        with open(os.path.join(launch_dir, "metrics.json")) as file:
            return Instrument(json.load(file))
    except FileNotFoundError:
        return None


launch_dir = os.environ["FORKWISE_LAUNCH_DIR"]
instrument = read_instrument(launch_dir)
application = instrument.measure(app.application, app.route_name) if instrument else app.application


def enter_service():
    """Writes units/worker-N.json for this process, with the lowest N that no living process has."""
    record = {"role": "worker", "pid": os.getpid(), "readyAtMs": int(time.time() * 1000)}
    if instrument:
        host = os.environ.get("HOST", "127.0.0.1")
        port = instrument.serve(host)
        record["metricsUrl"] = f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics"
    folder = os.path.join(launch_dir, "units")
    with open(os.path.join(folder, "wsgi.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        name = next(name for name in map("worker-{}".format, itertools.count(1)) if is_free(folder, name))
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


try:
    import uwsgi
except ImportError:
    pass
else:
    uwsgi.post_fork_hook = enter_service

try:
    import mod_wsgi
except ImportError:
    pass
else:
    enter_service()
