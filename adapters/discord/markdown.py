"""Words as Discord shows them: what a person wrote is shown as written, and links work."""

import re
from collections.abc import Iterator

from adapters.common.split import split
from bot.domain.links import spans
from bot.domain.text import utf16_length

# Emphasis, code, spoilers, masked links, mentions and timestamps, emoji codes.
_INLINE = r"[\\*_~`|\[\]<]|:(?=[\w+-]+:)"
_TOKEN = re.compile(
    # At the beginning of a line: quotes, headings, small print, lists.
    r"(?m:^)(?P<indent>[ \t]*)(?P<mark>>|\#{1,3}(?=[ ])|-(?=\#?[ ])|\+(?=[ ]))"
    r"|(?m:^)(?P<number>[ \t]*\d+)(?=\.[ ])"
    rf"|(?P<inline>{_INLINE})"
)


def escape(text: str) -> str:
    """Make Discord show a text as it is written; addresses in it stay links."""
    escaped, at = "", 0
    for start, end in spans(text):
        if text[start : start + 4].lower() == "http":  # Discord makes no link of mailto:
            escaped += _words(text, at, start) + _link(text[start:end], text[end : end + 1])
            at = end
    return escaped + _words(text, at, len(text))


def escaped_parts(text: str, limit: int) -> Iterator[str]:
    """Escape a text, in parts of at most ``limit`` UTF-16 units each."""
    return _fitting(text, limit, limit)


def _fitting(text: str, size: int, limit: int) -> Iterator[str]:
    """Yield escaped parts; one that grew too long by escaping is cut once more."""
    for part in split(text, size):
        escaped = escape(part)
        if utf16_length(escaped) <= limit:
            yield escaped
        else:
            yield from _fitting(part, size * 2 // 3, limit)


def _words(text: str, start: int, end: int) -> str:
    """Escape what stands between two addresses."""
    escaped = ""
    for token in _TOKEN.finditer(text, start, end):
        escaped += text[start : token.start()] + _escaped(token)
        start = token.end()
    return escaped + text[start:end]


def _escaped(token: re.Match[str]) -> str:
    match token.lastgroup:
        case "mark":
            return f"{token['indent']}\\{token['mark']}"
        case "number":
            return f"{token['number']}\\"
        case _:
            return f"\\{token['inline']}"


def _link(url: str, follows: str) -> str:
    # Discord lets an address run on to the next blank; brackets end it.
    return url if not follows or follows.isspace() else f"<{url}>"
