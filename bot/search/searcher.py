"""The searcher: a text in, a ranking and a reply out; safe to share between threads."""

import dataclasses
import threading
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.domain.backoff import taking_turns
from bot.domain.entry import Entry
from bot.domain.ports import Search
from bot.domain.retrieval import Answer, Help, Hit, Match, Query, Ranking, Reply, Topic, Via
from bot.errors import FaqbotError, reason
from bot.search import policy, synonyms
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.corpus import Corpus, Stored
from bot.search.explain import explain
from bot.search.index import Index
from bot.search.meaning import Meaning, by_meaning, by_tokens
from bot.search.question import Intent, Utterance, understand
from bot.search.ranker import HITS, Ranker
from bot.search.readings import Readings
from bot.texts import Text

AT_ONCE = 50
"""So many changed wordings are encoded before they are searched; more are found by words first."""


@dataclasses.dataclass(frozen=True, slots=True)
class WordLists:
    """The lists that an organiser can read and edit.

    Attributes:
        stop_words: Lists of one normalized form a line.
        synonyms: Lists of groups of words that mean the same.
    """

    stop_words: tuple[Path, ...]
    synonyms: tuple[Path, ...]

    def now(self) -> "WordLists":
        """Return those that are there: the package's, and of a FAQ's own, which come and go."""

        def there(paths: tuple[Path, ...]) -> tuple[Path, ...]:
            return tuple(path for path in paths if path.parent == _FOLDER or path.exists())

        return WordLists(there(self.stop_words), there(self.synonyms))


_FOLDER = Path(__file__).with_name("lists")
LISTS = WordLists(
    (_FOLDER / "stopwords.txt",),
    (_FOLDER / "synonyms.txt", _FOLDER / "synonyms-everyday.txt"),
)
"""The package's own lists; those of a FAQ come on top."""


@dataclasses.dataclass(frozen=True)
class _Snapshot:
    """All that belongs to one state of the FAQ; replaced as a whole."""

    ranker: Ranker
    in_order: tuple[Entry, ...]
    vectors: NDArray[np.float32] | None

    @cached_property
    def by_lecturer(self) -> Mapping[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.in_order:
            found.setdefault(entry.lecturer, []).append(entry)
        return {lecturer: tuple(entries) for lecturer, entries in found.items()}


class Searcher:
    """Search over the FAQ.

    Args:
        entries: The FAQ, in the order to list it.
        lists: Stop words and synonyms.
        strictness: How sure the bot must be, from 0 to 1; see ``policy.thresholds``.
        stored: What an earlier process analysed of these entries.

    Raises:
        FaqbotError: The dictionary or a word list can't be used.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        lists: WordLists,
        strictness: float = 0.5,
        stored: Stored | None = None,
    ) -> None:
        self.analyzer = Analyzer(Tokenizer(), read_stop_words(*lists.now().stop_words))
        self._lists = lists
        self._corpus = Corpus(self.analyzer, stored)
        self._replacing = threading.Lock()
        self.thresholds = policy.thresholds(strictness)
        self._meaning: Meaning | None = None
        self._snapshot = _Snapshot(self._build(entries), tuple(entries), None)

    def replace(self, entries: Sequence[Entry]) -> None:
        """Search other entries from now on; queries under way finish on the old ones.

        Where much of them is new, they are found by words alone until all of it is encoded.
        """
        with self._replacing, taking_turns():
            now = _Snapshot(self._build(entries), tuple(entries), None)
            if self.by_meaning:
                now = self._with_vectors(now, AT_ONCE)
                if now.vectors is None:
                    self._snapshot = now
                    now = self._with_vectors(now)
            self._snapshot = now
            if self._meaning is not None:
                self._meaning.save()

    def add(self, meaning: Meaning) -> None:
        """Search by meaning too, as soon as the entries are encoded; until then by words alone."""
        with self._replacing:
            self._meaning = meaning
            self._snapshot = self._with_vectors(self._snapshot)
            meaning.save()

    @property
    def by_meaning(self) -> bool:
        """Whether entries are found by meaning too."""
        return self._snapshot.vectors is not None

    def store(self) -> Stored:
        """Return what was analysed, for a later process."""
        return self._corpus.store()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The FAQ, in the order to list it."""
        return self._snapshot.in_order

    def entry(self, entry_id: str) -> Entry | None:
        """Return the entry of that id."""
        return self._snapshot.ranker.index.entry(entry_id)

    def reply(
        self, text: str, addressed: bool = True, limit: int = HITS, *, below: bool = False
    ) -> tuple[Reply, Ranking]:
        """Decide what to reply to a text, and show what was found.

        Several questions in one message are answered together if each is answered by an entry of
        its own; else the message is taken as a whole. The reply doesn't depend on the limit. Only
        the hits of an answer are explained: members see it there.

        Args:
            text: What was said.
            addressed: It was said to the bot; False where it was overheard.
            limit: How many hits are shown.
            below: It was said below a reply of the bot's, without calling it.
        """
        snapshot = self._snapshot
        query, intent = self._understand(text)
        ranking = self._rank(snapshot, query, intent, limit)
        if 1 < len(intent.questions) <= policy.MAX_QUESTIONS and not intent.personal:
            parts = [query.text[start:end] for start, end in intent.questions]
            together = policy.combine(
                self._decide(snapshot, self._rank(snapshot, part, alone, HITS), alone, addressed)
                for part, alone in map(self._understand, parts)
            )
            if together is not None:
                return together, ranking.first(limit)
        reply = self._decide(snapshot, ranking, intent, addressed)
        if below:
            reply = policy.below(reply, ranking, intent)
        return reply, ranking.first(limit)

    def search(self, text: str, limit: int = HITS) -> Ranking:
        """Find the best entries for a text, and explain the very best."""
        found = self._rank(self._snapshot, *self._understand(text), limit)
        return self.explain(found.first(limit))

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Complete a question that is being typed: the best entries, nothing decided."""
        return self._snapshot.ranker.complete(text, limit)

    def preview(self, entries: Sequence[Entry]) -> Search:
        """Return a search over other entries, as it would be; nobody else's search changes."""
        with self._replacing, taking_turns():
            snapshot = _Snapshot(self._build(entries), tuple(entries), None)
            if self._meaning is not None and self.by_meaning:
                vectors = self._meaning.vectors(snapshot.ranker.index.entries, keep=False)
                snapshot = dataclasses.replace(snapshot, vectors=vectors)

        def search(text: str, limit: int) -> Ranking:
            return self._rank(snapshot, *self._understand(text), limit).first(limit)

        return search

    def gather(self, wordings: Sequence[str]) -> Sequence[Hashable]:
        """Label wordings: those with the same label ask the same."""
        gather = by_tokens(self.analyzer)
        if self._meaning is not None:
            gather = by_meaning(gather, self._meaning.encoder.encode)
        return gather(wordings)

    def explain(self, ranking: Ranking) -> Ranking:
        """Return the same with the words by which the best hit was found.

        Apart from finding it, since most of what is found is never explained to anybody.
        """
        return self._explained(self._snapshot.ranker, ranking)

    def _explained(self, ranker: Ranker, ranking: Ranking) -> Ranking:
        if not ranking.hits:
            return ranking
        best, *others = ranking.hits
        query = ranking.query
        alternatives = synonyms.alternatives(ranker.synonyms, query.tokens)
        matches = explain(query, alternatives, best.entry, ranker.index, self.analyzer)
        if not matches and self.by_meaning:
            matches = (Match(query.text, best.entry.question, Via.MEANING),)
        return dataclasses.replace(ranking, hits=(best._replace(matches=matches), *others))

    def _understand(self, text: str) -> tuple[Query, Intent]:
        query, morphemes = self.analyzer.query(text)
        return query, understand(query.text, morphemes)

    def _rank(self, snapshot: _Snapshot, query: Query, intent: Intent, limit: int) -> Ranking:
        index = snapshot.ranker.index
        # Never fewer: what the bot decides mustn't depend on how many hits are wanted.
        limit = max(limit, HITS)
        cosines, elsewhere = None, policy.ELSEWHERE_GUESSED
        query = snapshot.ranker.read(query)
        # A question may mean something though all its words are common: 「何時までやってますか」.
        asks = query.tokens or intent.utterance is Utterance.QUESTION
        if self._meaning is not None and snapshot.vectors is not None and asks:
            text = snapshot.ranker.readings.written(query)
            vector = self._meaning.encoder.encode(text)
            cosines = snapshot.vectors @ vector
            elsewhere = (self._meaning.elsewhere @ vector).max().item()
        candidates, nearest = snapshot.ranker.rank(query, intent, cosines, limit)
        sure = policy.assess(candidates, len(index), elsewhere)
        entries, owner = index.entries, index.owner.item
        hits = [
            Hit(entries[owner(candidate.wording)], candidate.score, certainty)
            for candidate, certainty in zip(candidates, sure, strict=True)
        ]
        return Ranking(query, tuple(hits), policy.relevance(candidates, nearest, elsewhere))

    def _decide(
        self, snapshot: _Snapshot, ranking: Ranking, intent: Intent, addressed: bool
    ) -> Reply:
        if addressed and (named := policy.of_lecturer(ranking.query.text, snapshot.by_lecturer)):
            return Help(Topic.ENTRIES, named)
        reply = policy.decide(ranking, self.thresholds, addressed, intent)
        if isinstance(reply, Answer):
            return Answer(self._explained(snapshot.ranker, ranking).hits[:1])
        return reply

    def _build(self, entries: Sequence[Entry]) -> Ranker:
        index = Index(self._corpus.analyse(entries), self._corpus.vocabulary)
        stretches = map(self._corpus.synonyms, self._lists.now().synonyms)
        readings = Readings(index.terms, self.analyzer, self._corpus.readings)
        return Ranker(index, synonyms.table(*stretches, known=index.terms), readings)

    def _with_vectors(self, snapshot: _Snapshot, most: int | None = None) -> _Snapshot:
        assert self._meaning is not None
        vectors = self._meaning.vectors(snapshot.ranker.index.entries, most)
        return dataclasses.replace(snapshot, vectors=vectors)


def read_stop_words(*paths: Path) -> frozenset[str]:
    """Read lists of stop words: one a line, ``#`` starts a comment.

    Raises:
        FaqbotError: A file can't be read.
    """
    lines: list[str] = []
    for path in paths:
        try:
            lines += path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise FaqbotError(
                Text("words.unreadable", path=str(path), reason=reason(error))
            ) from error
    words = (line.split("#", 1)[0].strip().lower() for line in lines)
    return frozenset(word for word in words if word)
