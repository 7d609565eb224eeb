"""HTML in a cell: read as the text a reader would see, and its links; nothing is fetched.

Content systems export answers as HTML. Only markup goes, the words stay to the letter.
"""

import re
from html import escape, unescape
from html.parser import HTMLParser
from typing import NamedTuple
from unicodedata import normalize

from bot.content.blocks import List, Table
from bot.domain.links import is_address


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Every element of the HTML standard, and those that it took out; by what they do to the text.
_PARAGRAPH = _tags(
    "address article aside blockquote center details dialog dir dl fieldset figure footer form h1 "
    "h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre search section table ul"
)
_LINE = _tags("br caption dd div dt figcaption legend li optgroup option summary tr")
_HIDDEN = _tags(
    "applet audio canvas datalist head iframe math noembed noframes noscript object rp script "
    "style svg template title video"
)
_STRUCK = _tags("del s strike")
_VOID = _tags(
    "area base basefont bgsound br col embed frame hr img input isindex keygen link meta nextid "
    "param source spacer track wbr"
)
_INLINE = _tags(
    "a abbr acronym b bdi bdo big blink body button cite code colgroup data dfn em font frameset "
    "html i ins kbd label listing map mark marquee menuitem meter multicol nobr o:p output picture "
    "plaintext progress q rb rt rtc ruby samp select selectedcontent slot small span strong sub "
    "sup tbody td textarea tfoot th thead time tt u var xmp"
)
_KNOWN = _PARAGRAPH | _LINE | _HIDDEN | _STRUCK | _VOID | _INLINE
_LISTS = _tags("ol ul menu dir")
_CELLS = _tags("td th")
_READING = _tags("rb rp rt rtc ruby")
# The next of its kind ends it: what is hidden or struck in it ends there too.
_ENDED_BY = {
    tag: _tags(kind)
    for kind in ("p", "li", "dt dd", "td th", "tr", "option", "optgroup", "rp rt")
    for tag in kind.split()
}

# Signs of real markup. A lone "<p>" may be a question about HTML; "</p>", "<p/>" or "<br>" hardly
# is.
# "</s>" ends a sequence, too, in the words of those who build language models.
_SIGN = re.compile(
    rf"</(?:{'|'.join(sorted(_KNOWN - {'s'}))})\s*>"
    r"|<br(?:\s[^<>]*)?/?>|<(?:hr|p)\s*/>|<img[\s/>]|<!--|<(?:script|style)[\s>]"
    r"|<s>(?![\s、。，．」』）)\]])[^<>]*(?<![\s「『（(\[])</s\s*>",
    re.IGNORECASE,
)
# Code of chats and of Markdown, and a tag that is spoken of: 「<br>」.
_WORDS = re.compile(r"```.*?```|(?<!`)(`+)(?!`)[^\n]*?[^`\n]\1(?!`)|「</?\w+ ?/?>」", re.DOTALL)
_BREAKING = re.compile(
    rf"<(?:{'|'.join(sorted((_PARAGRAPH | _LINE | _CELLS) - {'br'}))})\b", re.IGNORECASE
)
_TAG = re.compile(rf"<(?:{'|'.join(sorted(_KNOWN - {'s'}))})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_OWN = re.compile(r"<pre>[^<>]*</pre>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
# What a reader sees, but no text says; an empty alt says that it is no more than decoration.
_PICTURE = re.compile(
    r"<(?:audio|canvas|embed|iframe|img(?![^<>]*\balt=(?:''|\"\"))|math|object|svg|video)[\s>]",
    re.IGNORECASE,
)
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STRIKING = re.compile(r"text-decoration[a-z-]*\s*:[^;]*line-through", re.IGNORECASE)
_SUPER = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUB = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_FORMULA = re.compile(r"[A-Za-z0-9(+−-][A-Za-z0-9+−=().,/*-]*")
_MARK = re.compile(r"st|nd|rd|th|TM|SM|R|C", re.IGNORECASE)
# As for browsers, one that stays open hides the rest.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# A "<" that no ">" closes before the next "<": text. html.parser would search to the end for
# each of them, which takes minutes for 100 KB.
_OPEN = re.compile(r"<(?=[^<>]*(?:<|\Z))")
# What word processors leave behind; a malformed one stops html.parser with an AssertionError.
_SECTION = re.compile(r"<!\[[^<>]*>")
# Slack's mentions look like declarations; they are the writer's words.
_MENTION = re.compile(r"<(?=!(?:channel|here|everyone|subteam\^))")
_SPACE = re.compile(r"[ \t\n\r\f]+")


def looks_like_html(text: str, *, beside_html: bool = False) -> bool:
    """Whether the text carries real markup, rather than a ``<`` of its own.

    Args:
        text: A cell.
        beside_html: Others of its file are HTML: then a single tag is markup.
    """
    if "<" not in text:
        return False
    text = _WORDS.sub("", text)
    return _SIGN.search(text) is not None or (beside_html and _TAG.search(text) is not None)


class Read(NamedTuple):
    """What is in HTML.

    Attributes:
        text: What a reader sees.
        links: The addresses that words lead to.
        unsafe: Those left out as unsafe.
        struck: What is struck out, and so left out of the text.
    """

    text: str
    links: tuple[str, ...]
    unsafe: tuple[str, ...]
    struck: tuple[str, ...]


def to_text(html: str) -> Read:
    """Read HTML as text.

    ``<p>はい。</p> <p><a href="https://a.jp">資料</a></p>`` gives two paragraphs and the address.
    Cells of a table are apart by tabs, items of an ordered list have their numbers, and raised
    digits stay so: ``10<sup>12</sup>`` is ``10¹²``. Where no element but ``<br>`` breaks lines, who
    wrote it broke them by hand, with ``<b>`` for a word; else a line break is a blank, as browsers
    have it.
    """
    markup = _WORDS.sub(lambda found: found[0].replace("<", "&lt;"), html)
    markup = _SECTION.sub("", _OPEN.sub("&lt;", _COMMENT.sub("", markup)))
    markup = _MENTION.sub("&lt;", markup)
    reader = _Reader(lines=not _BREAKING.search(markup))
    reader.feed(markup)
    reader.close()
    links, unsafe, struck = (
        tuple(dict.fromkeys(found)) for found in (reader.links, reader.unsafe, reader.struck)
    )
    return Read(reader.text, links, unsafe, struck)


def is_of_html(text: str) -> bool:
    """Whether a cell says that its file was made of HTML; what ``protect`` made doesn't."""
    return looks_like_html(text) and not _OWN.fullmatch(text)


def has_pictures(html: str) -> bool:
    """Whether HTML shows a picture, a film or a formula, which its text lacks."""
    return _PICTURE.search(_COMMENT.sub("", html)) is not None


def first_entity(text: str) -> str:
    """Return the first entity in a text, such as ``&amp;``; empty for none."""
    return next((f[0] for f in _ENTITY.finditer(text) if unescape(f[0]) != f[0]), "")


def decoded(text: str) -> str:
    """Return a text that is no HTML itself with its entities as characters: ``R&amp;D``."""
    return _ENTITY.sub(lambda found: unescape(found[0]), text)


def protect(text: str) -> str:
    """Return the text so that reading it back gives the same, also if it looks like HTML itself."""
    return f"<pre>{escape(text, quote=False)}</pre>" if looks_like_html(text) else text


def raised(text: str, before: str, tag: str) -> str:
    """Return what is raised or lowered so that it can't be taken for a part of the word.

    Args:
        text: ``12`` in ``10<sup>12</sup>``, which gives ``¹²``.
        before: What stands before it: ``10``.
        tag: ``sup`` or ``sub``.
    """
    of_ascii = before.endswith(")") or (before[-1:].isascii() and before[-1:].isalnum())
    blanks = text[: len(text) - len(text.lstrip())]
    plain = normalize("NFKC", text.strip())
    moved = plain.translate(_SUPER if tag == "sup" else _SUB)
    if not set(moved) & set(plain):
        return blanks + moved
    if _FORMULA.fullmatch(plain) and not _MARK.fullmatch(plain) and of_ascii and not blanks:
        return ("^" if tag == "sup" else "_") + (plain if len(plain) == 1 else f"({plain})")
    return blanks + text.strip()


class _Reader(HTMLParser):
    """Collects text. It counts what is open instead of building a tree, so no depth hurts it."""

    def __init__(self, *, lines: bool) -> None:
        """Take no text yet.

        Args:
            lines: A line break in the text is one.
        """
        super().__init__(convert_charrefs=True)
        self._lines = lines
        self.links: list[str] = []
        self.unsafe: list[str] = []
        self.struck: list[str] = []
        self._pieces: list[str] = []
        self._out = ""  # the element whose text is left out
        self._depth = 0  # how many of its kind are open
        self._striking = False
        self._pre = 0
        self._reading = False
        self._broken = False  # by <br>, and nothing stands behind it yet
        self._lists: list[List] = []
        self._tables: list[Table] = []
        self._raised: list[int] = []  # where the text of each sup and sub begins
        self._break = ""  # line breaks due before the next word
        self._tabs = 0  # cells begun since the last word
        self._space = False  # a space due before the next word
        self._begun = False  # an item or a cell has begun, without a word yet
        self._row = False  # the row of a table has a word

    @property
    def text(self) -> str:
        for each in self._lists:
            each.number(self._pieces)
        return "".join(self._pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _KNOWN:
            self.handle_data(self.get_starttag_text() or "")
            return
        if tag in _ENDED_BY.get(self._out, ()):
            self._leave()
        if self._out:
            self._depth += tag == self._out
            return
        values = dict(attrs)
        style = values.get("style") or ""
        self._striking = tag in _STRUCK or _STRIKING.search(style) is not None
        if tag not in _VOID and (
            self._striking or tag in _HIDDEN or "hidden" in values or _HIDING.search(style)
        ):
            self._out, self._depth = tag, 1
            if self._striking:
                self.struck.append("")
            return
        self._boundary(tag, nested=bool(self._lists))
        self._end_reading(tag)
        self._pre += tag == "pre"
        self._begin(tag, values)

    def _begin(self, tag: str, values: dict[str, str | None]) -> None:
        """Do what is special about an element."""
        match tag:
            case "a" if link := (values.get("href") or "").strip().replace(" ", "%20"):
                (self.links if is_address(link) else self.unsafe).append(link)
            case "ol" | "ul" | "menu" | "dir":
                self._lists.append(List(tag == "ol", values, len(self._lists)))
            case "li":
                if self._lists:
                    self._lists[-1].begin(values.get("value"))
                self._begun = True
            case "table":
                self._tables.append(Table())
            case "tr" if self._tables:
                self._tables[-1].row()
                self._tabs = 0
                self._row = False
            case "td" | "th" if self._tables:
                self._tabs += self._tables[-1].cell(values)
                self._begun = True
                self._break = "" if self._row else self._break
            case "sup" | "sub":
                self._raised.append(len(self._pieces))
            case "rt":
                self._write("（")
                self._reading = True
            case "q":
                self._write("「")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _KNOWN:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "ruby" and self._out in _READING:
            self._leave()
        if tag not in _KNOWN:
            self.handle_data(f"</{tag}>")
        elif self._out:
            self._depth -= tag == self._out
            if not self._depth:
                self._leave()
        elif tag == "br":  # alone, it is taken for one that begins
            self._break = self._break or "\n"
        else:
            self._end_reading(tag)
            self._pre = max(0, self._pre - (tag == "pre"))
            self._boundary(tag, nested=len(self._lists) > 1)
            self._end(tag)

    def _end(self, tag: str) -> None:
        match tag:
            case "ol" | "ul" | "menu" | "dir" if self._lists:
                self._lists.pop().number(self._pieces)
            case "li":
                self._break = "\n"
            case "table" if self._tables:
                self._tables.pop()
                self._tabs = 0
            case "td" | "th" if self._row:
                self._break = ""
            case "sup" | "sub" if self._raised:
                at = self._raised.pop()
                before = next((piece for piece in reversed(self._pieces[:at]) if piece), "")
                self._pieces[at:] = [raised("".join(self._pieces[at:]), before, tag)]
            case "q":
                self._write("」")
        self._begun = self._begun and tag not in {"li", *_CELLS}

    def handle_data(self, data: str) -> None:
        if self._out:
            if self._striking:
                self.struck[-1] += data
            return
        if self._pre:
            self._write(data)
            return
        for at, line in enumerate(data.split("\n") if self._lines else (data,)):
            self._break += "\n" * (at > 0 and not self._broken)  # <br> may end a line by hand
            self._broken = self._broken and not (line.strip() or at)
            for number, word in enumerate(_SPACE.split(line)):
                self._space = self._space or number > 0
                if word:
                    self._write(word)

    def _end_reading(self, tag: str) -> None:
        """End the reading above a word where its end tag is left out too."""
        if self._reading and tag in _READING:
            self._reading = False
            self._write("）")

    def _leave(self) -> None:
        self._out = ""
        self._striking = False

    def _boundary(self, tag: str, *, nested: bool) -> None:
        if tag == "br":
            self._break += "\n"
            self._broken = True
        elif self._begun and tag != "tr" and tag not in _LISTS:
            return  # what an item or a cell begins with stands in its line
        elif tag in _PARAGRAPH and not (tag in _LISTS and nested):
            self._break = "\n\n"
        elif tag in _LINE | _LISTS:
            self._break = self._break or "\n"

    def _write(self, text: str) -> None:
        if self._pieces:
            self._pieces.append(self._break or (" " if self._space and not self._tabs else ""))
            self._pieces.append("\t" * self._tabs)
        if self._lists:
            self._lists[-1].mark(self._pieces)
        self._pieces.append(text)
        self._break = ""
        self._tabs = 0
        self._space = self._begun = False
        self._row = True
