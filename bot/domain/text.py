"""The one text gate: every text from a chat, a file or a form passes it first.

And how long a text is, and what two spellings of the same thing share: of a question, of a name.
"""

import re
import unicodedata

from bot.domain.links import spans

# C0 and C1 but for tab and newline, and NUL; both stores and the tokenizer stumble over them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Marks that reorder or hide what a reader sees (Unicode TR 36).
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ZERO_WIDTH = re.compile(r"[\u00ad\u200b\u2060\ufeff]")
# What belongs to the character before it; an emoji follows a joiner.
MARKS = "\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
_BELONGS = re.compile(f"[{MARKS}\u200d]")
# Letters with accents, kana with voicing marks, and parts of Hangul, as a Mac takes them apart.
_APART = re.compile(
    r"[A-Za-z\u00c0-\u02ff\u0370-\u1fff\u3041-\u30ff][\u0300-\u036f\u1dc0-\u1dff\u3099\u309a]+"
    r"|[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?"
)
# Word and PowerPoint break a line within a paragraph by \x0b.
_LINE_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")

# Shift_JIS has one character where Unicode has several; which of them a file then holds depends on
# the program that read it. On the left: what Windows (CP932) makes of those on the right.
_ONE_IN_SHIFT_JIS = {
    "～": "〜",
    "－": "−",
    "∥": "‖",
    "―": "—",
    "￠": "¢",
    "￡": "£",
    "￢": "¬",
    "￤": "¦",
    "￣": "‾¯",
    "・": "·",
    "≪": "«",
    "≫": "»",
    "\\": "¥",
}
_WINDOWS = {ord(other): one for one, others in _ONE_IN_SHIFT_JIS.items() for other in others}
# In a key all dashes are one, and a backslash is a yen sign, as Japanese fonts draw it.
_ALIKE = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−⸺⸻─━"), "-"),
    **dict.fromkeys(map(ord, "〜￣‾¯"), "~"),
    **dict.fromkeys(map(ord, "·‧•∙⋅"), "・"),
    ord("∥"): "‖",
    ord("¥"): "\\",
    ord("￥"): "\\",
    ord("¦"): "|",
    ord("￤"): "|",
    ord("«"): "≪",
    ord("»"): "≫",
}
_VARIATION = re.compile("[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_INSIGNIFICANT = re.compile(r"[\s?!.,。、]+")


def unstorable(text: str) -> str | None:
    """Name the first character that no text may hold: NUL or a lone surrogate; None if none."""
    if "\x00" in text:
        return "NUL"
    found = _SURROGATE.search(text)
    return f"U+{ord(found[0]):04X} (lone surrogate)" if found else None


def has_bidi_controls(text: str) -> bool:
    """Whether marks in it would reorder what a reader sees."""
    return _BIDI.search(text) is not None


def clean(text: str) -> str:
    """Return the text as this project keeps it.

    ``\\n`` is the only line break; no surrogates, control, bidi or zero-width characters but for
    tab, newline and the joiners that emoji and some scripts need. Accents and voicing marks join
    their letter; all else stays to the letter: NFC would make other kanji of some in names, such
    as U+FA10. Idempotent.
    """
    text = _LINE_BREAK.sub("\n", text)
    for noise in (_SURROGATE, _CONTROL, _BIDI, _ZERO_WIDTH):
        text = noise.sub("", text)
    return _APART.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)


def is_blank(text: str) -> bool:
    """Whether nothing visible is left of the text."""
    return not any(unicodedata.category(char)[0] not in "ZC" for char in text)


def utf16_length(text: str) -> int:
    """Count UTF-16 units: what a platform counts at most, as an emoji is two of them."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, limit: int) -> str:
    """Cut a text to ``limit`` UTF-16 units with …, behind a punctuation mark where one is near.

    Only for what is shown whole elsewhere. No character is cut from its marks; an address that has
    no room goes, as the beginning of one would lead elsewhere.
    """
    if utf16_length(text) <= limit:
        return text
    cut = text[: limit - 1]
    while utf16_length(cut) > limit - 1:
        cut = cut[:-1]
    while cut and (_BELONGS.match(text, len(cut)) or cut.endswith("\u200d")):
        cut = cut[:-1]
    for start, end in spans(text):
        if start < len(cut) < end:
            cut = cut[:start] or cut.partition("//")[2]
            break
    near = max(cut.rfind(mark) for mark in "。？！、,.?! ")
    if near >= len(cut) * 2 // 3:
        cut = cut[: near + 1].rstrip("。、,. ")
    return cut.rstrip() + "…"


def one_line(text: str, limit: int) -> str:
    """Bring a text onto one line of at most ``limit`` UTF-16 units."""
    return shortened(" ".join(text.split()), limit)


def numeral(number: int, style: str) -> str:
    """Return a number as a list's item has it, by HTML's name of the style.

    27 is ``27`` in the style ``1``, ``aa`` in ``a`` and ``xxvii`` in ``i``; ``A`` and ``I`` have
    capitals. What letters or Roman numerals can't say, such as 0, is in digits.
    """
    text = ""
    if style in {"a", "A"} and number > 0:
        while number:
            number, letter = divmod(number - 1, 26)
            text = chr(ord("a") + letter) + text
    elif style in {"i", "I"} and 0 < number < 4000:
        for value, letters in _ROMAN:
            text += letters * (number // value)
            number %= value
    else:
        return str(number)
    return text.upper() if style.isupper() else text


def folded(text: str) -> str:
    """Return what the same words share: width, case, look-alikes, and a kanji's forms are one."""
    text = _VARIATION.sub("", text).translate(_ALIKE)
    return unicodedata.normalize("NFKC", text).casefold()


def question_key(text: str) -> str:
    """Return what two wordings of the same question share.

    ``ＬＬＭ とは？`` and ``llmとは`` have the same key, and so have ``9〜17時`` and ``9～17時``.
    """
    return _INSIGNIFICANT.sub("", folded(text))


def person_key(name: str) -> str:
    """Return what two spellings of a person's name share.

    ``河原 大輔`` and ``河原大輔先生`` have the same key, and so has 大塚 with either 塚.
    """
    return "".join(folded(name).split()).removesuffix("先生")


def windows_form(text: str) -> str:
    """Return what two texts share if one is the other as Windows saved it in Shift_JIS (CP932)."""
    return text.translate(_WINDOWS)


def windows_forms(text: str) -> frozenset[str]:
    """Return what a text may be once Windows saved it in Shift_JIS, with ? for what that lacks.

    Of ``𠮷田〜`` it is ``𠮷田～``, as other programs would save it, or ``??田～``.
    """
    form = windows_form(text)
    lost = (char if char.encode("cp932", "ignore") else "?" * utf16_length(char) for char in form)
    return frozenset((form, "".join(lost)))
