"""Words as Discord shows them: what a person wrote is shown as written, and links work."""

import re
from collections.abc import Collection, Iterator, Sequence

from adapters.common.text import joined, split
from bot.domain.links import addresses, spans
from bot.domain.text import utf16_length

# Emphasis, code, spoilers, masked links, mentions and timestamps, emoji codes.
_INLINE = r"[\\*_~`|\[\]<]|:(?=[\w+-]+:)"
_TOKEN = re.compile(
    # At the beginning of a line: quotes, headings, small print, lists.
    r"(?m:^)(?P<indent>[ \t]*)(?P<mark>>|\#{1,3}(?=[ ])|-(?=\#?[ ])|\+(?=[ ]))"
    r"|(?m:^)(?P<number>[ \t]*\d+)(?=\.[ ])"
    rf"|(?P<inline>{_INLINE})"
)


def escape(text: str, whole: Collection[str] | None = None) -> str:
    """Make Discord show a text as it is written; addresses in it stay links.

    Args:
        text: Words, perhaps a part of a longer text.
        whole: The addresses of all of it; what was cut is no link. None: nothing was.
    """
    escaped, at = "", 0
    for start, end in spans(text, whole or ()):
        url = text[start:end]
        if url[:4].lower() != "http":
            continue  # Discord makes no link of mailto:
        if whole is None or url in whole:
            escaped += _words(text, at, start) + _link(url, text[end : end + 1])
            at = end
        else:
            slashes = start + url.index("//")
            escaped += _words(text, at, slashes) + "\\"
            at = slashes
    return escaped + _words(text, at, len(text))


def escaped_parts(text: str, limit: int, links: Sequence[str] = ()) -> Iterator[str]:
    """Escape a text, in parts of at most ``limit`` UTF-16 units each.

    Args:
        text: Any text.
        limit: The longest part.
        links: Addresses in it that end where they do, whatever they end with.
    """
    return _fitting(text, limit, limit, (*addresses(text), *links))


def linked_lines(links: Sequence[str], limit: int) -> Iterator[str]:
    """Write addresses a line each, whole, in parts of at most ``limit`` UTF-16 units.

    An address that is longer is a part of its own.
    """
    return joined((escape(link, (link,)) for link in links), limit)


def _fitting(text: str, size: int, limit: int, whole: Collection[str]) -> Iterator[str]:
    """Yield escaped parts; one that grew too long by escaping is cut once more."""
    for part in split(text, size):
        escaped = escape(part, whole)
        if utf16_length(escaped) <= limit:
            yield escaped
        else:
            yield from _fitting(part, size * 2 // 3, limit, whole)


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
    # Discord lets a bare address run on to the next blank, but leaves out a mark or a bracket at
    # its end; between angle brackets it takes what stands there.
    plain = url.isascii() and url.startswith("http") and addresses(url) == (url,)
    return url if plain and not follows.strip() else f"<{url}>"
