"""Addresses: whether a line is one, where one stands and ends in a text, where it leads."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from urllib.parse import quote

_WHOLE = re.compile(r"https?://[^\s<>\"]+|mailto:[^\s<>\"@]+@[^\s<>\"@]+", re.IGNORECASE)
# What requests go to below: a host, and a path without gaps.
_BASE = re.compile(r"https?://[^/\s]+(?:/[^/\s]+)*")
# In a text an address has a host and ends with it, or goes on behind a slash or ? or #.
_HOST = r"(?:\[[0-9A-F:.]+\](?::\d+)?|[\w.~%@:+-]*\w)"
_IN_TEXT = re.compile(
    rf"https?://(?P<host>{_HOST})(?:[/?#].*)?|mailto:[^@]+@[\w.-]*\w(?:\?.*)?",
    re.IGNORECASE | re.DOTALL,
)
# What is surely none is told at its beginning: 「https://で始まる」 has no host, but words.
_SCHEME = re.compile(
    rf"https?://(?=[\x00-\x7f]|[^\s/?#.]*\.)(?={_HOST})|mailto:(?=[^\s@]{{1,64}}@)", re.IGNORECASE
)
# In Japanese the sentence goes on right behind an address: it is ASCII, without "<>\`. Only where
# it would break off in the middle, other characters belong to it too, up to the next blank or 。
# (but no name begins with を or with a mark).
_RUN = re.compile(
    r"[!#-;=?-\[\]^_a-~]*"
    r"(?:(?<=[/_(=?&%#-])(?![\s。、，．｡､を（「『【〈《［〔｛“‘！？：；…→※])[^\x00-\x7f][^\s<>\"\\`。、，．｡､]*)?"
)
_PAIRS = dict(zip(")]}）］｝」』】〉》〕”", "([{（［｛「『【〈《〔“", strict=True))
_BRACKET = re.compile("[" + re.escape("".join((*_PAIRS, *_PAIRS.values()))) + "]")
_NOT_LAST = ".,:;!?'*~|"
# Where one opens before an address in its line, the one at its end closes it; else it belongs to
# it, as in a token.
_UNDERLINE = re.compile(r"(?<!\w)_(?=\S)(?!.*\n)")
_NEAR = 200
"""Characters before an address among which it is looked for."""
# Behind a slash or the like, what is to be filled in, or left out: it goes on, and isn't whole.
_GAP = re.compile(r"<\w|\.\.|[…‥]")
_PARTS = re.compile(
    r"(?P<scheme>https?://|mailto:)(?P<user>[^/?#@]*@)?(?P<host>[^/?#:]*)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_NOT_ASCII = re.compile(r"[^!-~]+")


def is_address(line: str) -> bool:
    """Whether a line is one whole http, https or mailto address."""
    return _WHOLE.fullmatch(line) is not None


def is_base(address: str, *, slash: bool) -> bool:
    """Whether requests can go to what is put behind an address, which ends with a slash or not."""
    path = address.removesuffix("/") if slash else address
    return address.endswith("/") == slash and _BASE.fullmatch(path) is not None


def spans(text: str, whole: Collection[str] = ()) -> Iterator[tuple[int, int]]:
    """Yield where the addresses stand that are written out in a text: start and end.

    Punctuation behind one isn't part of it, nor is a bracket that was opened before it.

    Args:
        text: Any text.
        whole: Addresses that end where they do, whatever they end with, if a blank follows.
    """
    at = 0
    while found := _SCHEME.search(text, at):
        start, at = found.span()
        ends = (start + len(each) for each in whole if text.startswith(each, start))
        end = max((end for end in ends if not text[end : end + 1].strip()), default=0)
        run = _RUN.match(text, at)
        if not end and run:
            trimmed = _trimmed(run[0])
            if trimmed.endswith("_") and _UNDERLINE.search(text, max(0, start - _NEAR), start + 1):
                trimmed = trimmed.rstrip(f"{_NOT_LAST}_")
            goes_on = _GAP.match(text, at + len(trimmed)) and not trimmed[-1:].isalnum()
            address = None if goes_on else _IN_TEXT.match(text, start, at + len(trimmed))
            host = address["host"] if address else None
            # A host in Japanese has a dot, or it is a word.
            known = host is None or host.isascii() or "." in host
            end = address.end() if address and known else 0
        if end:
            at = end
            yield start, end


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses written out in a text, each once, in order.

    ``詳しくは https://example.jp/a（英語）`` gives ``https://example.jp/a``, and
    ``（https://ja.wikipedia.org/wiki/漢字）`` all that stands between the brackets.
    """
    return tuple(dict.fromkeys(text[start:end] for start, end in spans(text)))


def target(address: str) -> str:
    """Return where an address leads, in ASCII: for what draws a link of its own.

    ``https://例え.jp/道`` gives ``https://xn--r8jz45g.jp/%E9%81%93``; what is ASCII stays as it is.
    """
    parts = _PARTS.fullmatch(address)
    if parts is None:
        return address
    scheme, user, host, rest = parts["scheme"], parts["user"] or "", parts["host"], parts["rest"]
    return scheme.lower() + _encoded(user) + _punycode(host) + _encoded(rest)


def _encoded(text: str) -> str:
    """Encode what isn't ASCII (RFC 3987); the percent signs that are there stay."""
    return _NOT_ASCII.sub(lambda found: quote(found[0]), text)


def _punycode(host: str) -> str:
    """Write a host as browsers do (UTS 46): each label that isn't ASCII in Punycode."""
    if host.isascii():
        return host
    labels = unicodedata.normalize("NFKC", host).lower().replace("。", ".").split(".")
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels
    )


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
