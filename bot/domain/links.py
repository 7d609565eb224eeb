"""Addresses: whether a line is one, and where one stands and ends in a running text."""

import re
from collections import Counter
from collections.abc import Iterator

_WHOLE = re.compile(r"https?://[^\s<>\"]+|mailto:[^\s<>\"@]+@[^\s<>\"@]+", re.IGNORECASE)
# In a text an address has a host and ends with it, or goes on behind a slash or ? or #.
_IN_TEXT = re.compile(
    r"https?://(?:\[[0-9A-F:.]+\](?::\d+)?|[\w.~%@:+-]*\w)(?:[/?#].*)?"
    r"|mailto:[^@]+@[\w.-]*\w(?:\?.*)?",
    re.IGNORECASE | re.DOTALL,
)
_SCHEME = re.compile(r"https?://|mailto:", re.IGNORECASE)
# In Japanese the sentence goes on right behind an address: it is ASCII, without "<>\`.
_RUN = re.compile(r"[!#-;=?-\[\]^_a-~]*")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_BRACKET = re.compile(r"[()\[\]{}]")
_NOT_LAST = ".,:;!?'*_~|"


def is_address(line: str) -> bool:
    """Whether a line is one whole http, https or mailto address."""
    return _WHOLE.fullmatch(line) is not None


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the addresses stand that are written out in a text: start and end.

    Punctuation behind one isn't part of it, nor is a bracket that was opened before it.
    """
    at = 0
    while found := _SCHEME.search(text, at):
        start, at = found.span()
        run = _RUN.match(text, at)
        end = at + len(_trimmed(run[0])) if run else at
        address = _IN_TEXT.match(text, start, end)
        if address:
            at = address.end()
            yield start, at


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses written out in a text, each once, in order.

    ``詳しくは https://example.jp/a（英語）`` gives ``https://example.jp/a``.
    """
    return tuple(dict.fromkeys(text[start:end] for start, end in spans(text)))


def _trimmed(run: str) -> str:
    """Return what begins as an address without what follows it."""
    depth = Counter[str]()
    for found in _BRACKET.finditer(run):
        opening = _PAIRS.get(found[0])
        if opening is None:
            depth[found[0]] += 1
        elif depth[opening]:
            depth[opening] -= 1
        else:
            run = run[: found.start()]
            break
    return run.rstrip(_NOT_LAST)
