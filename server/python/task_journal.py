"""What became of each task, for a launcher that wants to know which were lost and which were done twice.

It names a file in FORKWISE_TASK_JOURNAL; without one nothing is written. Lines are short enough to be appended whole by
any number of processes.
"""

import os

path = os.environ.get("FORKWISE_TASK_JOURNAL")
fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if path else None


def note(event, task, pid=None):
    """Notes that a task was `accepted`, `started` or `done`, by this process or the one that is named."""
    if fd is not None:
        os.write(fd, f"{event} {task} {pid or os.getpid()}\n".encode())
