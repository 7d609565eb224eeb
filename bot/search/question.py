"""What kind of utterance a text is, what it asks for, and which of its sentences ask.

All of it is told by form, not by topic: a FAQ about anything is asked in the same forms.
"""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from bot.domain.entry import Entry
from bot.domain.retrieval import Topic
from bot.domain.text import folded
from bot.search.analysis import Morpheme


class Utterance(Enum):
    """What somebody does by saying it."""

    QUESTION = auto()
    """Asks, or requests to be told."""
    KEYWORDS = auto()
    """Names a topic, as in a search box: 「合成データ 使用状況」."""
    WISH = auto()
    """Says what somebody wants to do or know, and leaves it there: 「論文を読みたいのですが」."""
    REPORT = auto()
    """Tells of a problem or a need, which is asking for help: 「ログインできません」."""
    CASE = auto()
    """Tells what has come up or is to be, as in what an entry is about: 「来月届く予定です」."""
    STATEMENT = auto()
    """Tells something: 「合成データを作りました」."""
    CHAT = auto()
    """Tells something to be talked about: 「今日は暑いですね」."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants by a text.

    Attributes:
        utterance: What kind of utterance the text is.
        questions: Start and end of each sentence that asks, in code points.
        personal: It calls somebody (「佐藤さん、…」), or looks for one (「行く人いますか」).
        idle: Start and end of each sentence beside them that greets, or says who asks.
        topic: What is said to the bot itself; None where it may be about the FAQ.
    """

    utterance: Utterance
    questions: tuple[tuple[int, int], ...]
    personal: bool
    idle: tuple[tuple[int, int], ...] = ()
    topic: Topic | None = None


# Chat ends sentences without a full stop too: by a line break, an emoji, ~struck~ words, or a space
# or comma behind the particle that asks.
_BOUNDARY = re.compile(
    r"(?<=[。．！!？?\n~☀-➿\U0001f300-\U0001faff])(?![。．！!？?\n~])|(?<=か|ね)(?=[ 　])"
    r"|(?<=すか|うか|かね|かな)(?=[、,])"
)
_CLOSING = "。．！!？? 　\n~〜～」』)）…笑wｗ"
_NO_WORD = frozenset(("空白", "補助記号"))
_PERSONAL = re.compile(
    r"(?:^|[\n。！!])\s*(?:@(?!everyone|here|channel)\S"
    r"|\w{1,8}(?:(?<!みな)(?<!皆)(?<!たく)さん|くん|君|ちゃん|先生|先輩)(?:、|,|的には))"
    r"|[>＞→]\s*\w{1,8}(?:(?<!みな)(?<!皆)さん|くん|君|ちゃん|先生|先輩)\s*$"
    r"|[うくぐすつぬぶむるたいだ](?:人|方|ひと)(?:って|は|が)?[、 ]*"
    r"(?:い(?:ます|る|ません|ない)|おられ|いらっしゃ)",
    re.MULTILINE,
)
_ASKING = frozenset(("か", "かな", "かしら", "っけ", "かい", "かね"))
_SHARING = frozenset(("ね", "よ", "な", "なあ", "ねえ", "わ", "ぞ", "ぜ", "さ"))
_INTERROGATIVE = frozenset(
    re.split(
        r"\s+",
        """何 どう どの どんな どれ どちら どっち 何れ 何故 なぜ 何時 いつ 何処 どこ 誰 だれ どなた
        幾ら いくら 幾つ いくつ 如何 いかが どうして どのくらい どれくらい""",
    )
)
_RELATING = frozenset(("付く", "つく", "就く", "対する", "関する", "於く", "因る", "拠る"))
_BETWEEN = re.compile(r"[^\w\s'’&/-]+|\n|(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_COMMA = re.compile(r"\s*([^、,]{1,20})[、,]\s*")
_MEASURE = re.compile(
    "(?:大き|小さ|長|短|高|低|深|広|狭|重|軽|太|厚|速|強|弱|明る)さ(?=[はがをも？?]|って|$)"
)
_LONGEST_TOPIC = 100


@cache
def _forms() -> Mapping[str, Any]:
    """Compile ``forms.toml``: each list of forms becomes one pattern.

    Not before something is asked, since it takes as long as a tenth of a start.
    """
    file = Path(__file__).with_name("forms.toml")
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    parts: dict[str, str] = {}

    def compiled(forms: Any) -> Any:
        if isinstance(forms, dict):
            return {name: compiled(each) for name, each in forms.items()}
        whole = re.sub(r"(?<!P)<(\w+)>", lambda name: parts[name[1]], "|".join(forms))
        return re.compile(whole, re.IGNORECASE)

    for name, part in tables.pop("parts").items():
        parts[name] = compiled([part]).pattern
    return {name: compiled(table) for name, table in tables.items()}


def _sentence(form: str) -> re.Pattern[str]:
    """Return what is found in a sentence of a form."""
    pattern: re.Pattern[str] = _forms()["sentences"][form]
    return pattern


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
    asking = [each for each in sentences if each[1] and _asks(*each[1:])]
    # 「二つ聞きたいです。」 says that questions follow.
    asking = [each for each in asking if not _sentence("announces").fullmatch(each[1])] or asking
    questions = tuple(
        (start + _greeting(body), start + len(body) + len(mark)) for start, body, mark, _ in asking
    )
    idle = tuple(
        (start, start + len(body))
        for start, body, _, within in sentences
        if body and questions and _is_idle(body, within)
    )
    bodies = [body for _, body, _, _ in sentences if body]
    told = [body for _, body, _, within in sentences if _tells(body, within)]
    if questions:
        utterance = Utterance.QUESTION
    elif any(map(_sentence("wishes").search, bodies)):
        utterance = Utterance.WISH
    elif not told:
        utterance = Utterance.KEYWORDS
    elif any(map(_sentence("reports").search, bodies)):
        utterance = Utterance.REPORT
    elif any(map(_sentence("cases").search, bodies)):
        utterance = Utterance.CASE
    else:
        shares = words[-1].surface in _SHARING and not _sentence("assumes").search(told[-1])
        chats = shares or _sentence("chats").search(told[-1])
        utterance = Utterance.CHAT if chats else Utterance.STATEMENT
    return Intent(utterance, questions, _PERSONAL.search(text) is not None, idle, topic(text))


def topic(text: str) -> Topic | None:
    """Name what is said to the bot itself, if the text says nothing else; see ``forms.toml``."""
    if len(text) > _LONGEST_TOPIC:
        return None
    found = set()
    for piece in filter(str.strip, _BETWEEN.split(text)):
        if (said := _said(piece)) is None:  # as nearly always at the first
            return None
        found.add(said)
    return next((each for each in Topic if each in found), None)


def _said(piece: str) -> Topic | None:
    """Name what one piece of a text is a form of."""
    piece = " ".join(piece.split())
    topics = _forms()["topics"].items()
    return next((Topic(name) for name, form in topics if form.fullmatch(piece)), None)


def _is_idle(body: str, words: Sequence[Morpheme]) -> bool:
    """Say whether a sentence only greets, or says who asks: 「M1 の佐藤です」."""
    nouns = [word for word in words if word.pos[0] == "名詞"]
    introduced = bool(nouns) and (nouns[-1].pos[2] == "人名" or nouns[-1].normal == "者")
    # Nothing but a name stands before と申します, also 林, which is a wood to the dictionary.
    if body.endswith("と申します") or (
        introduced and body.endswith(("です", "といいます", "と言います"))
    ):
        return True
    return all(_said(piece) is Topic.GREETING for piece in _BETWEEN.split(body) if piece.strip())


def _greeting(sentence: str) -> int:
    """Return where a sentence goes on behind a greeting: 4 in 「皆さん、合成データは…」."""
    end = 0
    while (comma := _COMMA.match(sentence, end)) and _said(comma[1]):
        end = comma.end()
    return end


def lecturers(text: str, known: Iterable[str]) -> frozenset[str]:
    """Return those of the known lecturers whom a text names, if it says nothing else.

    A name is whole (河原 大輔) or a family name; with a title (河原先生) also any part of it.
    """
    if len(text) > _LONGEST_TOPIC:
        return frozenset()
    found = _forms()["lecturers"]["named"].fullmatch(" ".join(_BETWEEN.sub(" ", text).split()))
    if found is None:
        return frozenset()
    titled = bool(found["title"] or found["prof"])
    name = "".join(folded(found["name"] or found["owner"]).split())
    return frozenset(each for each in known if _is_called(each, name, titled))


_parts_of_name = lru_cache(4_096)(lambda lecturer: tuple(folded(lecturer).split()))


def _is_called(lecturer: str, name: str, titled: bool) -> bool:
    parts = _parts_of_name(lecturer)
    whole = "".join(parts)
    if titled:
        return name in parts or (len(name) > 1 and whole.startswith(name))
    return name == whole or name in parts[:1]


def _asks(body: str, mark: str, words: Sequence[Morpheme]) -> bool:
    """Say whether a sentence asks.

    It does if it ends with a question mark or an asking particle (か, かな, っけ), ends openly
    after an interrogative (「理由は何」), or requests to be told (「教えてください」); who muses
    what to do (「作ってみようかな」) doesn't.
    """
    if "？" in mark or "?" in mark:
        return True
    if _sentence("muses").search(body) and not _interrogates(words):
        return False
    if words and (_ends_asking(words) or _ends_openly(words)):
        return True
    return any(_sentence(form).search(body) for form in ("requests", "asks"))


def _tells(body: str, words: Sequence[Morpheme]) -> bool:
    """A predicate that modifies nothing, or a final particle; nothing is left open (「…は」)."""
    if not words or words[-1].surface in ("は", "って"):
        return False
    if _interrogates(words) and words[-1].surface not in _SHARING:
        return False
    return bool(_sentence("tells").search(body)) or any(
        word.pos[1] == "終助詞" or (_predicates(word) and not _goes_on(word, words[at + 1 :]))
        for at, word in enumerate(words)
    )


def _predicates(word: Morpheme) -> bool:
    return word.pos[0] in ("動詞", "形容詞", "助動詞")


def _goes_on(word: Morpheme, after: Sequence[Morpheme]) -> bool:
    """The predicate isn't complete (作り方), names (埋め込み), modifies a noun, or is について."""
    joined = bool(after) and after[0].surface in ("て", "で")
    after = after[1:] if joined else after
    names = word.pos[5].startswith("連用形") and not joined
    return (
        word.pos[5].startswith(("連体形", "仮定形"))
        or (joined and any(map(_predicates, after)))
        or word.normal in _RELATING
        or (names and (not after or after[0].pos[0] == "名詞"))
        or (bool(after) and (_predicates(after[0]) or after[0].pos[0] == "接尾辞"))
    )


def _ends_asking(words: Sequence[Morpheme]) -> bool:
    """The last words are か, かな, っけ …, maybe followed by ね or な."""
    last = words[-1]
    if last.normal in ("ね", "な", "なあ") and len(words) > 1:
        last = words[-2]
    return last.pos[0] == "助詞" and (last.normal in _ASKING or last.surface in _ASKING)


def _interrogates(words: Sequence[Morpheme]) -> bool:
    """An interrogative that isn't indefinite (何か, いつも)."""
    return any(
        (word.normal in _INTERROGATIVE or word.surface in _INTERROGATIVE)
        and (
            at + 1 == len(words) or words[at + 1].surface not in ("か", "も", "でも", "とも", "や")
        )
        for at, word in enumerate(words)
    )


def _ends_openly(words: Sequence[Morpheme]) -> bool:
    """An interrogative, and an end that tells nothing."""
    last = words[-1]
    return _interrogates(words) and (
        last.pos[0] in ("名詞", "代名詞", "副詞", "形状詞")
        or last.surface
        in ("の", "です", "でしょう", "だろう", "だろ", "なの", "んだろう", "んでしょう")
    )


def lacks_detail(question: str, entry: Entry) -> bool:
    """Say whether a question asks for a detail that an entry doesn't name.

    A number or date is named by any digit, a place or download by whatever one goes to, a measure
    by its own word; and each detail is, if the entry's own question asks for it.

    Args:
        question: What was asked, without greeting and background.
        entry: The entry that would answer.
    """
    wordings = "\n".join(entry.wordings)
    if any(each not in f"{wordings}\n{entry.answer}" for each in _MEASURE.findall(question)):
        return True
    return any(
        detail["asked"].search(question)
        and not detail["asked"].search(wordings)
        and not ("named" in detail and detail["named"].search(entry.answer))
        for detail in _forms()["details"].values()
    )
