"""What kind of utterance a text is, and which of its sentences ask: by form, not by topic."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.search.tokenizer import Morpheme


class Utterance(Enum):
    """What somebody does by saying it."""

    QUESTION = auto()
    """Asks, or requests to be told."""
    KEYWORDS = auto()
    """Names a topic, as in a search box: 「合成データ 使用状況」."""
    WISH = auto()
    """Says what somebody wants to do or know, and leaves it there: 「論文を読みたいのですが」."""
    STATEMENT = auto()
    """Tells something: 「合成データを作りました」."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants by a text.

    Attributes:
        utterance: What kind of utterance the text is.
        questions: Start and end of each sentence that asks, in code points.
        personal: It calls somebody by name: 「佐藤さん、…」.
    """

    utterance: Utterance
    questions: tuple[tuple[int, int], ...]
    personal: bool


# Chat ends sentences without a full stop too: by a line break, an emoji, ~struck~ words, or a space
# or comma behind the particle that asks.
_BOUNDARY = re.compile(
    r"(?<=[。．！!？?\n~☀-➿\U0001f300-\U0001faff])(?![。．！!？?\n~])|(?<=か|ね)(?=[ 　])"
    r"|(?<=[でま]すか)(?=[、,])"
)
_CLOSING = "。．！!？? 　\n~」』)）…笑wｗ"
_NO_WORD = frozenset(("空白", "補助記号"))
_PERSONAL = re.compile(r"^\s*(?:@\S|\w{1,8}(?:さん|くん|君|ちゃん|先生|先輩)(?:、|,|的には))")
_ASKING = frozenset(("か", "かな", "かしら", "っけ", "かい", "かね"))
_INTERROGATIVE = frozenset(
    re.split(
        r"\s+",
        """何 どう どの どんな どれ どちら どっち 何れ 何故 なぜ 何時 いつ 何処 どこ 誰 だれ どなた
        幾ら いくら 幾つ いくつ 如何 いかが どうして どのくらい どれくらい""",
    )
)
_REQUEST = re.compile(
    r"(?:教え|おしえ|お教え|聞かせ|説明し|解説し)て?(?:て|で)?"
    r"(?:ください|下さい|くださ|ほしい|欲しい|もらえ|貰え|いただけ|頂け|くれ(?!て|た)|ちょうだい|$)"
    r"|(?:知り|聞き|伺い|お聞きし|お伺いし)た(?:い|くて)|教えて$|ご教示|ご存[じ知]"
    r"|か(?:どうか)?(?:を|が|は|も|、)?(?:教え|知り|聞|伺|お聞|お伺|気にな|不明|疑問)"
    r"|(?:伺|うかが)え(?:れば|たら|ます)|気にな(?:る|り|って)|疑問です"
    r"|(?:説明|解説|回答)を?(?:お願い|希望)|(?:詳し|くわし)く$"
    r"|(?:tell|explain|show|teach)\s+(?:me|us)|please\s+(?:tell|explain)",
    re.IGNORECASE,
)
# Wishes that trail off, and not knowing; 「試したいです」 and 「見てください」 rather tell.
_WISH = re.compile(
    r"(?:たい|ほしい|欲しい)(?:の|ん)?(?:です|だ|や)?(?:が|け(?:れ)?ど[もね]?)$"
    r"|(?:分か|わか|判)(?:りません|ら[なへ]い|らん|らなくて)(?:の|ん)?(?:です|だ|や)?(?:が|け(?:れ)?ど[もね]?)?$"
    r"|[をば](?:ください|下さい)$"
)
_ENGLISH = re.compile(
    r"^\W*(?:(?:hi|hello|hey|so|and|but|also|um|well)\W+)*"
    r"(?:what|why|how|when|where|who|which|whose|is|are|was|were|do|does|did|can|could|will|would"
    r"|should|has|have|any)\b",
    re.IGNORECASE,
)
_ENGLISH_TELLS = re.compile(r"^\W*(?:i|we|you|he|she|they|it|my|our|this|that|thanks?|the)\b", re.I)
_RELATING = frozenset(("付く", "つく", "就く", "対する", "関する", "於く", "因る", "拠る"))


def understand(text: str, morphemes: Sequence[Morpheme]) -> Intent:
    """Say what somebody wants by a text.

    It is a question if one of its sentences asks. It tells something if a sentence has a final
    particle (よ, ね), or a predicate that modifies no noun: 「載らなかった」, not 「載らない部分」.

    Args:
        text: Normalised text.
        morphemes: Its morphemes.
    """
    words = [m for m in morphemes if m.pos[0] not in _NO_WORD]
    starts, ends = [m.start for m in words], [m.end for m in words]
    sentences = []
    start = 0
    for sentence in _BOUNDARY.split(text):
        body = sentence.rstrip(_CLOSING)
        end = start + len(body)
        within = words[bisect_left(starts, start) : bisect_right(ends, end)]
        sentences.append((start, body, sentence[len(body) :], within))
        start += len(sentence)
    questions = tuple(
        (start, start + len(body) + len(mark))
        for start, body, mark, within in sentences
        if body and _asks(body, mark, within)
    )
    personal = _PERSONAL.search(text) is not None
    if questions:
        return Intent(Utterance.QUESTION, questions, personal)
    if any(_WISH.search(body) for _, body, _, _ in sentences):
        return Intent(Utterance.WISH, (), personal)
    tells = any(_tells(body, within) for _, body, _, within in sentences)
    return Intent(Utterance.STATEMENT if tells else Utterance.KEYWORDS, (), personal)


def _asks(body: str, mark: str, words: Sequence[Morpheme]) -> bool:
    """Say whether a sentence asks.

    It does if it ends with a question mark or an asking particle (か, かな, っけ), ends openly
    after an interrogative (「理由は何」), or requests to be told (「教えてください」).
    """
    if "？" in mark or "?" in mark:
        return True
    if words and (_ends_asking(words) or _ends_openly(words)):
        return True
    return bool(_REQUEST.search(body) or _ENGLISH.search(body))


def _tells(body: str, words: Sequence[Morpheme]) -> bool:
    """A predicate that modifies nothing, or a final particle."""
    return bool(_ENGLISH_TELLS.search(body)) or any(
        word.pos[1] == "終助詞" or (_predicates(word) and not _goes_on(word, words[at + 1 :]))
        for at, word in enumerate(words)
    )


def _predicates(word: Morpheme) -> bool:
    return word.pos[0] in ("動詞", "形容詞", "助動詞")


def _goes_on(word: Morpheme, after: Sequence[Morpheme]) -> bool:
    """The predicate isn't complete yet (作り方), modifies the noun behind it, or is について."""
    if after and after[0].surface in ("て", "で"):
        after = after[1:]
    return (
        word.pos[5].startswith(("連体形", "仮定形"))
        or word.normal in _RELATING
        or (bool(after) and (_predicates(after[0]) or after[0].pos[0] == "接尾辞"))
    )


def _ends_asking(words: Sequence[Morpheme]) -> bool:
    """The last words are か, かな, っけ …, maybe followed by ね or な."""
    last = words[-1]
    if last.normal in ("ね", "な", "なあ") and len(words) > 1:
        last = words[-2]
    return last.pos[0] == "助詞" and (last.normal in _ASKING or last.surface in _ASKING)


def _ends_openly(words: Sequence[Morpheme]) -> bool:
    """An interrogative that isn't indefinite (何か, いつも), and an end that tells nothing."""
    asks = False
    for at, word in enumerate(words):
        if word.normal in _INTERROGATIVE or word.surface in _INTERROGATIVE:
            after = words[at + 1].surface if at + 1 < len(words) else ""
            asks = asks or after not in ("か", "も", "でも", "とも", "や")
    last = words[-1]
    return asks and (
        last.pos[0] in ("名詞", "代名詞", "副詞", "形状詞")
        or last.surface in ("の", "です", "でしょう", "だろう", "なの", "んだろう", "んでしょう")
    )
