"""A search that needs no dictionary: it counts the character pairs that two texts share."""

from collections.abc import Iterable, Sequence

from bot.domain.entry import Entry
from bot.domain.ports import Search
from bot.domain.retrieval import (
    Answer,
    Decline,
    Help,
    Hit,
    Match,
    Query,
    Ranking,
    Reason,
    Reply,
    Silence,
    Suggestions,
    Token,
    Topic,
    Via,
)
from bot.domain.text import is_blank, question_key
from bot.search import policy
from bot.search.question import Intent, Utterance

LONGEST = 2_000
SURE, HALF_SURE = 0.6, 0.2
TOPICS = {
    "ありがとう": Topic.THANKS,
    "一覧": Topic.LIST,
    "講師は誰ですか": Topic.LIST,
    "もう少し詳しく": Topic.MORE,
}


class PairSearch:
    """Searches a few entries; sure from 60 % of the query's pairs on, half sure from 20 %."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._entries

    def entry(self, entry_id: str) -> Entry | None:
        return next((each for each in self._entries if each.id == entry_id), None)

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        return tuple(each for each in self._entries if text in each.question)[:limit]

    def preview(self, entries: Sequence[Entry]) -> Search:
        return PairSearch(entries).search

    def gather(self, wordings: Sequence[str]) -> Sequence[str]:
        return tuple(map(question_key, wordings))

    def replace(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)

    def search(self, text: str, limit: int) -> Ranking:
        return self.reply(text, addressed=True)[1].first(limit)

    def reply(self, text: str, addressed: bool, *, below: bool = False) -> tuple[Reply, Ranking]:
        words = text[:LONGEST].strip("?？。 ")
        tokens = tuple(Token(pair, pair, at, at + 2) for at, pair in enumerate(_pairs(words)))
        ranking = Ranking(Query(words, tokens, cut=len(text) > LONGEST), self._hits(words))
        reply = self._decide(text, addressed, ranking)
        if below:
            intent = Intent(_utterance(text), (), personal=False, topic=TOPICS.get(text))
            reply = policy.below(reply, ranking, intent)
        return reply, ranking

    def _decide(self, text: str, addressed: bool, ranking: Ranking) -> Reply:
        hits = ranking.hits
        if not addressed:
            utterance = _utterance(text)
            if utterance is not Utterance.QUESTION:
                told = utterance is Utterance.STATEMENT
                return Silence(Reason.TOLD if told else Reason.NOT_A_QUESTION)
            sure = hits and hits[0].confidence >= 0.9
            return Answer(hits[:1]) if sure else Silence(Reason.NOT_SURE)
        if text in TOPICS:
            return Help(TOPICS[text])
        of_lecturer = tuple(
            Hit(entry, 0.0, 0.0)
            for entry in self._entries
            if text == f"{entry.lecturer.split()[0]}先生"
        )
        if of_lecturer:
            return Help(Topic.ENTRIES, of_lecturer)
        if is_blank(text) or not ranking.query.tokens:
            return Help()
        if not hits or hits[0].confidence < HALF_SURE:
            return Decline()
        close = tuple(hit for hit in hits if hit.confidence > hits[0].confidence - 0.1)
        if hits[0].confidence < SURE or len(close) > 1:
            return Suggestions(hits[:3])
        return Answer(hits[:1])

    def _hits(self, words: str) -> tuple[Hit, ...]:
        asked = set(_pairs(words))
        hits = []
        for entry in self._entries:
            shared = max((asked & set(_pairs(each)) for each in entry.wordings), key=len)
            if shared:
                matches = tuple(Match(pair, pair, Via.SAME) for pair in sorted(shared)[:1])
                hits.append(Hit(entry, float(len(shared)), len(shared) / len(asked), matches))
        return tuple(sorted(hits, key=lambda hit: (-hit.confidence, hit.entry.id)))


def _utterance(text: str) -> Utterance:
    if any(mark in text for mark in "?？か"):
        return Utterance.QUESTION
    return Utterance.STATEMENT if text.endswith("ました") else Utterance.KEYWORDS


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]
