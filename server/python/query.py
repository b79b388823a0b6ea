"""Queries as the handlers read them: what URLSearchParams makes of one, and whole numbers within bounds."""

import re
import urllib.parse

WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class BadRequest(Exception):
    """Input outside of a handler's bounds: answered with 400 and a problem body."""

    def __init__(self, problems):
        super().__init__(" ".join(problems))
        self.problems = problems


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
