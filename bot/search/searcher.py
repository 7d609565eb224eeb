"""The searcher: a text in, a ranking and a reply out; safe to share between threads."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

from bot.domain.entry import Entry
from bot.domain.reply import Answer, Reply
from bot.domain.retrieval import Hit, Query, Ranking, Thresholds
from bot.errors import FaqbotError, reason
from bot.search import confidence, policy
from bot.search.analysis import Analyzer
from bot.search.corpus import Corpus, Stored
from bot.search.explain import Concordance, explain
from bot.search.index import Index
from bot.search.meaning import Meaning
from bot.search.precedence import Precedence
from bot.search.question import Intent, understand
from bot.search.ranker import HITS, Ranker
from bot.search.readings import Readings
from bot.search.synonyms import Synonyms
from bot.search.tokenizer import Tokenizer
from bot.search.word_vectors import word_vectors
from bot.texts import Text

MAX_CALIBRATION = 1_000
"""A larger FAQ is calibrated on a sample of so many of its entries.

With 1,786 entries of a real one this moves the threshold by 0.001, a sample of 500 by 0.01.
"""

_CALIBRATED = 3
"""Hits that calibration looks at: the best, and how far the third is behind."""

_MAX_REMEMBERED = 2_048  # entries kept ready for explanations


@dataclass(frozen=True, slots=True)
class WordLists:
    """The lists that an organiser can read and edit.

    Attributes:
        stop_words: Lists of one normalized form a line.
        synonyms: Lists of groups of the field's words.
        general: Lists of groups of everyday words, for what no list of the field's has.
    """

    stop_words: tuple[Path, ...]
    synonyms: tuple[Path, ...]
    general: tuple[Path, ...] = ()

    def now(self) -> "WordLists":
        """Return those that are there: the package's, and of a FAQ's own, which come and go."""

        def there(paths: tuple[Path, ...]) -> tuple[Path, ...]:
            return tuple(path for path in paths if path.parent == _FOLDER or path.exists())

        return WordLists(there(self.stop_words), there(self.synonyms), there(self.general))


_FOLDER = Path(__file__).with_name("lists")
LISTS = WordLists(
    (_FOLDER / "stopwords.txt",),
    (_FOLDER / "synonyms.txt",),
    (_FOLDER / "synonyms-general.txt",),
)
"""The package's own lists; those of a FAQ come on top."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """All that belongs to one state of the FAQ; replaced as a whole."""

    ranker: Ranker
    thresholds: Thresholds
    in_order: tuple[Entry, ...]


class Searcher:
    """Search over the FAQ.

    Args:
        entries: The FAQ, in the order to list it.
        lists: Stop words and synonyms.
        strictness: How sure the bot must be, from 0 to 1; see ``confidence.thresholds``.
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
        self._questions = Precedence()
        self._corpus = Corpus(self.analyzer, stored, self._questions)
        self._replacing = threading.Lock()
        self._strictness = strictness
        self._concordance = lru_cache(_MAX_REMEMBERED)(self._concordance_of)
        ranker = self._build(entries)
        self._snapshot = _Snapshot(ranker, self._calibrate(ranker), tuple(entries))

    def replace(self, entries: Sequence[Entry]) -> None:
        """Search other entries from now on; queries under way finish on the old ones."""
        with self._replacing:
            ranker, in_order = self._build(entries), tuple(entries)
            outdated = self._snapshot.ranker.parts()
            # Found at once; how sure to be follows as soon as it is known.
            self._snapshot = _Snapshot(ranker, self._snapshot.thresholds, in_order)
            # Part by part: to free all at once would hold other threads up for 8 ms.
            for _ in self._questions.between(range(len(outdated))):
                outdated.pop()
            self._snapshot = _Snapshot(ranker, self._calibrate(ranker), in_order)

    def store(self) -> Stored:
        """Return what was analysed, for a later process."""
        return self._corpus.store()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The FAQ, in the order to list it."""
        return self._snapshot.in_order

    @property
    def thresholds(self) -> Thresholds:
        """How sure the bot must be, as calibrated from this FAQ."""
        return self._snapshot.thresholds

    def entry(self, entry_id: str) -> Entry | None:
        """Return the entry of that id."""
        return self._snapshot.ranker.index.entry(entry_id)

    def reply(self, text: str, addressed: bool = True, limit: int = HITS) -> tuple[Reply, Ranking]:
        """Decide what to reply to a text, and show what was found.

        Several questions in one message are answered together if each is answered by an entry of
        its own; else the message is taken as a whole. The reply doesn't depend on the limit. Only
        the hits of an answer are explained: members see it there.
        """
        with self._questions:
            return self._reply(text, addressed, limit)

    def _reply(self, text: str, addressed: bool, limit: int) -> tuple[Reply, Ranking]:
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
        return self._decide(snapshot, ranking, intent, addressed), ranking.first(limit)

    def search(self, text: str, limit: int = HITS) -> Ranking:
        """Find the best entries for a text, and explain the very best."""
        return self.explain(self._find(text, limit))

    def complete(self, text: str, limit: int) -> tuple[Entry, ...]:
        """Complete a question that is being typed: the best entries, nothing decided."""
        return tuple(hit.entry for hit in self._find(text, limit).hits)

    def explain(self, ranking: Ranking) -> Ranking:
        """Return the same with the words by which the best hit was found.

        Apart from finding it, since most of what is found is never explained to anybody.
        """
        return self._explained(self._snapshot.ranker, ranking)

    def _explained(self, ranker: Ranker, ranking: Ranking) -> Ranking:
        if not ranking.hits:
            return ranking
        best, *others = ranking.hits
        alternatives = ranker.synonyms.alternatives(ranking.query.tokens)
        entry = self._concordance(best.entry)
        matches = explain(ranking.query, alternatives, entry, ranker.index)
        return Ranking(ranking.query, (best._replace(matches=matches), *others))

    def _find(self, text: str, limit: int) -> Ranking:
        with self._questions:
            return self._rank(self._snapshot, *self._understand(text), limit).first(limit)

    def _understand(self, text: str) -> tuple[Query, Intent]:
        query, morphemes = self.analyzer.query(text)
        return query, understand(query.text, morphemes)

    def _rank(self, snapshot: _Snapshot, query: Query, intent: Intent, limit: int) -> Ranking:
        index = snapshot.ranker.index
        # Never fewer: what the bot decides mustn't depend on how many hits are wanted.
        limit = max(limit, HITS)
        query, candidates = snapshot.ranker.rank(query, intent.questions, limit)
        sure = confidence.assess(candidates, len(index))
        entries, owner = index.entries, index.owner.item
        hits = [
            Hit(entries[owner(candidate.wording)], candidate.score, certainty)
            for candidate, certainty in zip(candidates, sure, strict=True)
        ]
        return Ranking(query, tuple(hits))

    def _decide(
        self, snapshot: _Snapshot, ranking: Ranking, intent: Intent, addressed: bool
    ) -> Reply:
        reply = policy.decide(ranking, snapshot.thresholds, addressed, intent)
        if isinstance(reply, Answer):
            return Answer(self._explained(snapshot.ranker, ranking).hits[:1])
        return reply

    def _build(self, entries: Sequence[Entry]) -> Ranker:
        questions = self._questions
        index = Index(self._corpus.analyse(entries), self._corpus.vocabulary, questions)
        lists = self._lists.now()
        groups = map(self._corpus.synonyms, lists.synonyms)
        general = chain.from_iterable(map(self._corpus.synonyms, lists.general))
        known = filter(index.__contains__, self._corpus.vocabulary)
        readings = Readings(
            questions.between(known), self.analyzer.tokenizer, self._corpus.readings
        )
        meaning = Meaning(index, word_vectors(), self._corpus.rows())
        synonyms = Synonyms(*groups, general=general, known=index, questions=questions)
        return Ranker(index, synonyms, readings, meaning)

    def _calibrate(self, ranker: Ranker) -> Thresholds:
        """Ask each entry's own question with that entry left out; see ``confidence.thresholds``."""
        index = ranker.index
        chosen: Sequence[int] = range(len(index))
        if len(index) > MAX_CALIBRATION:
            chosen = random.Random(0).sample(chosen, MAX_CALIBRATION)  # noqa: S311 - no secret
        confidences = []
        for entry in self._questions.between(chosen):
            query, _ = self.analyzer.query(index.entries[entry].question)
            candidates = ranker.rank(query, (), _CALIBRATED, without=entry).candidates
            sure = confidence.assess(candidates, len(index))
            confidences.append(sure[0] if sure else 0.0)
        return confidence.thresholds(confidences, self._strictness, len(index))

    def _concordance_of(self, entry: Entry) -> Concordance:
        text = "\n".join((*entry.wordings, entry.answer, entry.talk, entry.lecturer))
        return Concordance.of(self.analyzer.tokens(text))


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
