"""The app under test as a plain ASGI application: the routes, bounds, answers and problem bodies of app.py.

What waits, awaits; what computes does so where it stands, on the event loop, as people write it. Needs nothing beyond
the standard library of Python 3.9 or newer.
"""

import asyncio
import collections
import json
import os
import sys
import time
import traceback
import urllib.parse

import app
from app import FilePart
from dependency import UPSTREAM_IDLE_S, UPSTREAM_TIMEOUT_S, DependencyFailed
from query import BadRequest


async def application(scope, receive, send):
    """The ASGI entry point."""
    if scope["type"] == "lifespan":
        await live(receive, send)
        return
    # Hypercorn closes a connection whose request was not read to its end.
    while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
        pass
    status, content_type, body = await answer(scope)
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if scope["method"] == "HEAD" or not isinstance(body, FilePart):
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        return
    async for chunk in chunks_of(body):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def live(receive, send):
    """Answers a server that asks whether the app is ready, and when it is to end."""
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


def route_name(scope):
    """The route that answers a request, for metrics; empty when none does."""
    route = app.route_of(raw_path(scope))
    return route if route in ROUTES and scope["method"] in app.READING else ""


def raw_path(scope):
    """The path before any decoding, as every server here passes it on."""
    return scope["raw_path"].decode("latin-1")


async def answer(scope):
    """Status, content type and body of the answer to a request."""
    handler = ROUTES.get(app.route_of(raw_path(scope))) if scope["method"] in app.READING else None
    if handler is None:
        return app.problem(404, "There is nothing at this path.")
    try:
        output = await handler(scope["query_string"].decode("latin-1"))
        if isinstance(output, FilePart):
            return 200, "text/plain; charset=utf-8", output
        return 200, "application/json", app.encode(output)
    except BadRequest as error:
        return app.problem(400, "The request cannot be understood.", error.problems)
    except DependencyFailed as error:
        return app.problem(502, str(error))
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return app.problem(500, "The handler failed.")


def inline(handler):
    """A handler that does not wait, as a coroutine."""

    async def run(query):
        return handler(query)

    return run


async def io_sleep(query):
    """Waits on a timer."""
    ms = app.read_delay(query)
    await asyncio.sleep(ms / 1000)
    return {"ms": ms}


async def io_upstream(query):
    """Calls the dependency over a kept connection and passes its answer on."""
    ms = app.read_delay(query)
    return {"ms": ms, "upstream": await ask_upstream(f"/delay?ms={ms}")}


async def mixed(query):
    """Waits on a timer, then computes."""
    ms, n = app.read_mixed(query)
    await asyncio.sleep(ms / 1000)
    return {"ms": ms, "n": str(n), "prime": app.is_prime(n)}


ROUTES = {
    **{path: inline(handler) for path, handler in app.ROUTES.items()},
    "/io/sleep": io_sleep,
    "/io/upstream": io_upstream,
    "/mixed": mixed,
}


async def chunks_of(part):
    """The bytes of a part of a file; reading blocks, and is left to a thread."""
    chunks = iter(part)
    while (chunk := await asyncio.get_running_loop().run_in_executor(None, next, chunks, None)) is not None:
        yield chunk


# Calling the dependency.

# Connections that nobody uses, the last used at the end.
idle_connections = collections.deque()


async def ask_upstream(path):
    address = os.environ.get("FORKWISE_UPSTREAM", "").rstrip("/")
    if address == "":
        raise DependencyFailed("There is no dependency to call: set `FORKWISE_UPSTREAM` to the address of one.")
    place = urllib.parse.urlsplit(address)
    try:
        return await asyncio.wait_for(exchange_once_more(place, path), UPSTREAM_TIMEOUT_S)
    except (OSError, EOFError, ValueError, asyncio.TimeoutError) as error:
        raise DependencyFailed("The dependency did not answer.") from error


async def exchange_once_more(place, path):
    """Asks over a kept connection, and over a new one when the other side has just closed that."""
    while idle_connections:
        connection, idle_since = idle_connections.pop()
        if time.monotonic() - idle_since < UPSTREAM_IDLE_S:
            try:
                return await exchange(connection, place, path)
            except (ConnectionError, EOFError):
                break
        connection[1].close()
    return await exchange(await asyncio.open_connection(place.hostname, place.port or 80), place, path)


async def exchange(connection, place, path):
    """Sends a request and gives its answer; the connection is kept when all went well, else closed."""
    reader, writer = connection
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        text = await reader.readexactly(int(headers.get("content-length", "")))
        status = head[0].split(" ")[1]
        if status != "200":
            raise ValueError(f"status {status}")
        output = json.loads(text)
    except BaseException:
        writer.close()
        raise
    if headers.get("connection", "").lower() == "close":
        writer.close()
    else:
        idle_connections.append((connection, time.monotonic()))
    return output
