"""Details that a question asks for: a number, a place, a person.

An entry on the right topic that names none of them can be offered, but isn't the answer.
"""

import re

from bot.domain.entry import Entry

_UNITS = (
    "台|点|件|人|枚|年|割|名|回|本|冊|個|倍|時間|分|秒|歳|才|円|語|社|校|種類|文字|日間|番目"
    "|トークン|パーセント|%|キロ|メートル|ヶ?月|か月|か所|箇所|対何|B\\b"
)
_NUMBER = re.compile(
    rf"(?:いくら|いくつ|幾[らつ]|何 ?(?:{_UNITS}))(?![かも])|\bhow (?:many|much|long|old|big)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"(?:どこ|何処)(?!まで|[かも])|\bwhere\b", re.IGNORECASE)
_PERSON = re.compile(r"(?:誰|だれ|どなた)(?![かも])|\bwho\b", re.IGNORECASE)
_DETAILS = (_NUMBER, _PLACE, _PERSON)
_DIGIT = re.compile(r"\d")


def lacks_detail(question: str, entry: Entry) -> bool:
    """Say whether a question asks for a detail that an entry doesn't name.

    A number is named by any digit; a place or a person if the entry's question asks for one too.

    Args:
        question: What was asked, without greeting and background.
        entry: The entry that would answer.
    """
    wordings = "\n".join(entry.wordings)
    wanted = [kind for kind in _DETAILS if kind.search(question) and not kind.search(wordings)]
    return bool(wanted) and not (wanted == [_NUMBER] and _DIGIT.search(entry.answer))
