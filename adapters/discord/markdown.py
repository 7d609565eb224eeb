"""Words as Discord shows them: what a person wrote is shown as written, and links work."""

import re
from collections.abc import Iterator

from adapters.common.links import without_what_follows
from adapters.common.split import split
from bot.domain.text import utf16_length

# Emphasis, code, spoilers, masked links, mentions and timestamps, emoji codes.
_INLINE = r"[\\*_~`|\[\]<]|:(?=[\w+-]+:)"
_TOKEN = re.compile(
    r"(?P<link>https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+)"
    # At the beginning of a line: quotes, headings, small print, lists.
    r"|(?m:^)(?P<indent>[ \t]*)(?P<mark>>|\#{1,3}(?=[ ])|-(?=\#?[ ])|\+(?=[ ]))"
    r"|(?m:^)(?P<number>[ \t]*\d+)(?=\.[ ])"
    rf"|(?P<inline>{_INLINE})"
)


def escape(text: str) -> str:
    """Make Discord show a text as it is written; addresses in it stay links."""
    return _TOKEN.sub(_escaped, text)


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


def _escaped(token: re.Match[str]) -> str:
    match token.lastgroup:
        case "link":
            return _link(token)
        case "mark":
            return f"{token['indent']}\\{token['mark']}"
        case "number":
            return f"{token['number']}\\"
        case _:
            return f"\\{token['inline']}"


def _link(token: re.Match[str]) -> str:
    url = without_what_follows(token[0])
    rest = re.sub(_INLINE, r"\\\g<0>", token[0][len(url) :])
    follows = token.string[token.start() + len(url) :][:1]
    # Discord lets an address run on to the next blank; brackets end it.
    return (url if not follows or follows.isspace() else f"<{url}>") + rest
