"""Addresses in an answer: which ones are safe to show, and where they stand in a text."""

import re

_SAFE = re.compile(r"(?:https?://[^\s<>\"]+|mailto:[^\s<>\"@]+@[^\s<>\"@]+)", re.IGNORECASE)
# ASCII only: in Japanese text the sentence goes on right behind an address.
_BARE = re.compile(r"https?://[!#-;=?-~]+", re.IGNORECASE)
_SENTENCE_END = ".,;:!?'"


def is_safe(link: str) -> bool:
    """Whether it is a whole http, https or mailto address."""
    return _SAFE.fullmatch(link) is not None


def bare_links(text: str) -> tuple[str, ...]:
    """Return the http(s) addresses written out in a text, each once, in order.

    ``詳しくは https://example.jp/a（英語）`` gives ``https://example.jp/a``.
    """
    return tuple(dict.fromkeys(_trim(found[0]) for found in _BARE.finditer(text)))


def _trim(link: str) -> str:
    link = link.rstrip(_SENTENCE_END)
    while link.endswith(")") and link.count(")") > link.count("("):
        link = link[:-1].rstrip(_SENTENCE_END)
    return link
