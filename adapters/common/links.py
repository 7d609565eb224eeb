"""Where an address in running text ends."""

import re

_PUNCTUATION = re.compile(r"[.,:;!?'*_~]+$")


def without_what_follows(url: str) -> str:
    """Return an address without the punctuation behind it, or a bracket that opened before it.

    ``https://example.jp/).`` in ``(see https://example.jp/).`` ends at the slash.
    """
    for opening, closing in ("()", "[]"):
        depth = 0
        for at, char in enumerate(url):
            depth += (char == opening) - (char == closing)
            if depth < 0:
                url = url[:at]
                break
    return _PUNCTUATION.sub("", url)
