"""HTML in a cell: read as the text a reader would see, and its links; nothing is fetched.

Content systems export answers as HTML. Only markup goes, the words stay to the letter.
"""

import re
from html import escape
from html.parser import HTMLParser

from bot.domain.links import is_address


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


_PARAGRAPH = _tags(
    "p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl table section article header footer hr"
)
_LINE = _tags("div li tr dt dd br")
_HIDDEN = _tags("script style template noscript iframe object svg math head title")
_INLINE = _tags(
    "a abbr b big body caption center cite code col colgroup del em embed figcaption figure font "
    "form html i img input ins kbd label link main mark meta nav o:p q rp rt ruby s samp small "
    "source span strike strong sub sup tbody td tfoot th thead tt u var video audio wbr"
)
_KNOWN = _PARAGRAPH | _LINE | _HIDDEN | _INLINE

# Signs of real markup. A lone "<p>" may be a question about HTML; "</p>" or "<br>" hardly is.
_SIGN = re.compile(
    rf"</(?:{'|'.join(sorted(_KNOWN))})\s*>|<br\s*/?>|<img[\s/>]|<!--|<(?:script|style)[\s>]",
    re.IGNORECASE,
)
# A "<" that no ">" closes before the next "<": text. html.parser would search to the end for
# each of them, which takes minutes for 100 KB.
_OPEN = re.compile(r"<(?=[^<>]*(?:<|\Z))")
# What word processors leave behind; a malformed one stops html.parser with an AssertionError.
_SECTION = re.compile(r"<!\[[^<>]*>")
# Slack's mentions look like declarations; they are the writer's words.
_MENTION = re.compile(r"<(?=!(?:channel|here|everyone|subteam\^))")
_SPACE = re.compile(r"[ \t\n\r\f]+")


def looks_like_html(text: str) -> bool:
    """Whether the text carries real markup, rather than a ``<`` of its own."""
    return "<" in text and _SIGN.search(text) is not None


def to_text(html: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return what a reader sees: the text, its links, and the addresses left out as unsafe.

    ``<p>はい。</p> <p><a href="https://a.jp">資料</a></p>`` gives two paragraphs and the address.
    """
    markup = _SECTION.sub("", _OPEN.sub("&lt;", _without_comments(html)))
    markup = _MENTION.sub("&lt;", markup)
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.text, tuple(dict.fromkeys(reader.links)), tuple(dict.fromkeys(reader.unsafe))


def protect(text: str) -> str:
    """Return the text so that reading it back gives the same, also if it looks like HTML itself."""
    return f"<pre>{escape(text, quote=False)}</pre>" if looks_like_html(text) else text


def _without_comments(html: str) -> str:
    kept = []
    at = 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(kept)  # as browsers do: an open comment hides the rest
        at = end + 3
    return "".join([*kept, html[at:]])


class _Reader(HTMLParser):
    """Collects text. It counts what is open instead of building a tree, so no depth hurts it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.unsafe: list[str] = []
        self._pieces: list[str] = []
        self._hidden = 0
        self._pre = 0
        self._break = ""  # line breaks due before the next word
        self._space = False  # a space due before the next word

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KNOWN:
            self.handle_data(self.get_starttag_text() or "")
        self._hidden += tag in _HIDDEN
        self._boundary(tag)
        self._pre += tag == "pre"
        if tag == "a" and not self._hidden:
            link = (dict(attrs).get("href") or "").strip()
            if link:
                (self.links if is_address(link) else self.unsafe).append(link)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _KNOWN:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _KNOWN:
            self.handle_data(f"</{tag}>")
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))
        self._pre = max(0, self._pre - (tag == "pre"))
        if tag != "br":
            self._boundary(tag)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._pre:
            self._write(data)
            return
        words = _SPACE.split(data)
        for number, word in enumerate(words):
            self._space = self._space or number > 0
            if word:
                self._write(word)

    def _boundary(self, tag: str) -> None:
        if tag == "br":
            self._break += "\n"
        elif tag in _PARAGRAPH:
            self._break = "\n\n"
        elif tag in _LINE:
            self._break = self._break or "\n"

    def _write(self, text: str) -> None:
        if not self._pieces:
            self._pieces.append(text)
        elif self._break:
            self._pieces += (self._break, text)
        else:
            self._pieces += (" " if self._space else "", text)
        self._break = ""
        self._space = False
