"""One word count in three models of concurrency, in Python; each must come to the counts of a plain loop."""

import collections
import functools
import multiprocessing
import threading
import time

from lab_trace import end_with_parent, read_argument, emit_result


def make_text(words):
    """Words of two letters; the word of rank r comes about 1/r as often as the first. The same text every time."""
    state, text = 12_345, []
    for _ in range(words):
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        number = int(676 ** (state / 2_147_483_648)) - 1
        text.append(chr(97 + number // 26) + chr(97 + number % 26))
    return text


def map_reduce(text, items, _):
    """A function without side effects for each piece, and one that adds two counts."""
    pieces = (text[at : at + items] for at in range(0, len(text), items))
    return functools.reduce(lambda total, piece: total + piece, map(collections.Counter, pieces))


def locks(text, _, threads):
    """All threads add to one table, with a lock around every addition."""
    counts, lock = collections.Counter(), threading.Lock()

    def count(words):
        for word in words:
            with lock:
                counts[word] += 1

    workers = [threading.Thread(target=count, args=(text[place::threads],)) for place in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return counts


def processes(text, items, threads):
    """Pieces of text are messages to processes that count them; the counts come back as messages."""
    pieces = [text[at : at + items] for at in range(0, len(text), items)]
    counts = collections.Counter()
    for piece in POOL.imap_unordered(collections.Counter, pieces):
        counts.update(piece)
    return counts


WAYS = {"map-reduce": map_reduce, "locks": locks, "processes": processes}

if __name__ == "__main__":
    argument = read_argument(way="map-reduce", words=40_000, items=10, threads=2)
    end_with_parent()
    text = make_text(argument["words"])
    POOL = multiprocessing.Pool(argument["threads"]) if argument["way"] == "processes" else None
    if POOL is not None:
        POOL.map(len, [[]] * argument["threads"])
    started = time.perf_counter()
    counts = WAYS[argument["way"]](text, argument["items"], argument["threads"])
    took_ms = (time.perf_counter() - started) * 1000
    emit_result(tookMs=took_ms, isRight=counts == collections.Counter(text))
    if POOL is not None:
        POOL.terminate()
