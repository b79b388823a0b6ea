"""A server that answers each line, a number n, with fib(n): four ways to arrange who computes. A line `quit` ends it."""

import asyncio
import concurrent.futures
import multiprocessing
import os
import socket
import threading

from lab_trace import end_with_parent, read_argument, emit, emit_result

answered = 0


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def reply(line, answer):
    global answered
    answered += 1
    return b"%d\n" % answer


def serve(client, compute):
    """Answers the lines of a client, one after the other, until it leaves."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with client, client.makefile("rb") as lines:
        try:
            for line in lines:
                if line.strip() == b"quit":
                    leave()
                client.sendall(reply(line, compute(int(line))))
        except OSError:
            pass


def one_at_a_time(server, pool):
    """The next client is served when the one before has left."""
    while True:
        serve(server.accept()[0], fib)


def threads(server, pool):
    """Each client has a thread of its own, which computes."""
    while True:
        threading.Thread(target=serve, args=(server.accept()[0], fib), daemon=True).start()


def threads_pool(server, pool):
    """Each client has a thread of its own, which leaves the computing to a pool of processes."""

    def compute(n):
        return pool.submit(fib, n).result()

    while True:
        threading.Thread(target=serve, args=(server.accept()[0], compute), daemon=True).start()


def loop(server, pool):
    """The one thread that serves all clients computes."""

    async def serve_in_turn(reader, writer):
        try:
            async for line in reader:
                if line.strip() == b"quit":
                    leave()
                writer.write(reply(line, fib(int(line))))
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def serve_all():
        async with await asyncio.start_server(serve_in_turn, sock=server) as each:
            await each.serve_forever()

    asyncio.run(serve_all())


WAYS = {"one-at-a-time": one_at_a_time, "threads": threads, "threads-pool": threads_pool, "loop": loop}


def leave():
    """The processes of the pool notice within half a second that the server is gone."""
    emit_result(answered=answered)
    os._exit(0)


def main():
    argument = read_argument(way="loop", pool=2, port=0)
    pool = None
    if argument["way"] == "threads-pool":
        pool = concurrent.futures.ProcessPoolExecutor(
            argument["pool"], multiprocessing.get_context("fork"), initializer=end_with_parent
        )
        # All of them are started before there are threads.
        list(pool.map(fib, range(argument["pool"])))
    end_with_parent()
    server = socket.create_server(("127.0.0.1", argument["port"]))
    emit("server", "listening", port=server.getsockname()[1])
    WAYS[argument["way"]](server, pool)


if __name__ == "__main__":
    main()
