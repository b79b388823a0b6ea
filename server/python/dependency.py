"""Calls of the dependency, over connections that are kept and used again."""

import collections
import http.client
import json
import os
import time
import urllib.parse

# Seconds that an idle connection to the dependency is used again, and that the dependency may take to answer.
UPSTREAM_IDLE_S = 60
UPSTREAM_TIMEOUT_S = 30


class DependencyFailed(Exception):
    """The dependency did not answer as expected: answered with 502 and a problem body."""


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
