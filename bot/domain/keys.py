"""What two spellings of the same thing share: of a question, of a person's name."""

import re
import unicodedata

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
_INSIGNIFICANT = re.compile(r"[\s?!.,。、]+")


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
