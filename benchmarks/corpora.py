"""Corpora to measure on: tokens by a Zipf law or from real texts, and Japanese questions."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.content import load
from bot.domain.entry import Entry

SEED = 20_261_015
QUESTION_TERMS = 9
ANSWER_TERMS = 21
QUERY_TERMS = 15
"""A member's words and the synonyms that come with them."""

_VOCABULARY = 50_000
_FLAT_RANKS = 5.0
_POOL = 1_000_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents as terms, and queries for them.

    Attributes:
        questions: Terms of each entry's question.
        answers: Terms of each entry's answer.
        queries: Distinct terms of each query.
    """

    questions: list[list[str]]
    answers: list[list[str]]
    queries: list[list[str]]

    @property
    def whole(self) -> list[list[str]]:
        """Question and answer together."""
        pairs = zip(self.questions, self.answers, strict=True)
        return [question + answer for question, answer in pairs]


def zipf_pool(seed: int = SEED) -> list[str]:
    """Draw terms by p(rank) ∝ 1 / (rank + 5), which the terms of real Japanese FAQs follow."""
    chances = 1 / (np.arange(1, _VOCABULARY + 1) + _FLAT_RANKS)
    ranks = np.random.default_rng(seed).choice(_VOCABULARY, _POOL, p=chances / chances.sum())
    words = [f"語{rank}" for rank in range(_VOCABULARY)]
    return [words[rank] for rank in ranks]


def corpus(size: int, pool: Sequence[str], queries: int, seed: int = SEED) -> Corpus:
    """Draw entries and queries from a pool of terms.

    Args:
        size: Number of entries.
        pool: Terms as often as they occur.
        queries: Number of queries; each has a third of its terms from one entry's question.
        seed: Pins the draw.
    """
    random = np.random.default_rng((seed, size))

    def documents(mean: int) -> list[list[str]]:
        lengths = np.maximum(1, random.poisson(mean, size))
        terms = [pool[at] for at in random.integers(len(pool), size=int(lengths.sum()))]
        ends = np.cumsum(lengths).tolist()
        return [terms[end - length : end] for end, length in zip(ends, lengths, strict=True)]

    questions, answers = documents(QUESTION_TERMS), documents(ANSWER_TERMS)
    asked = []
    for _ in range(queries):
        terms = questions[int(random.integers(size))][: QUERY_TERMS // 3]
        terms = list(dict.fromkeys(terms))
        while len(terms) < QUERY_TERMS:
            term = pool[int(random.integers(len(pool)))]
            if term not in terms:
                terms.append(term)
        asked.append(terms)
    return Corpus(questions, answers, asked)


def sentences(texts: Path, data: Path) -> list[str]:
    """Return Japanese sentences: of the real texts in a folder, else of the FAQ itself.

    Args:
        texts: A folder with JSON lines in ``*/*.jsonl``; need not exist.
        data: The FAQ.
    """
    found: list[str] = []
    for path in sorted(texts.glob("*/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for key, value in json.loads(line).items():
                if key in ("question", "answer", "text", "query"):
                    found += _split(value)
    if not found:
        for entry in load(data):
            found += [*_split(entry.question), *_split(entry.answer)]
    return list(dict.fromkeys(found))


def statements(said: Sequence[str]) -> list[str]:
    """Return the sentences that don't ask: a query drawn from them asks one question, at its end.

    Several questions in one message are each searched for and encoded, besides the whole.
    """
    return [each for each in said if not each.rstrip("。").endswith(("か", "？", "?"))]


def faq(size: int, said: Sequence[str], seed: int = SEED) -> tuple[Entry, ...]:
    """Draw entries with a question of one sentence and an answer of one to three."""
    random = np.random.default_rng((seed, size))
    draws = random.integers(len(said), size=(size, 4)).tolist()
    return tuple(
        Entry(
            f"e{number:07d}",
            f"講師{number % 100}",
            f"講演{number % 100}",
            said[first],
            "\n".join(said[at] for at in rest[: 1 + number % 3]),
        )
        for number, (first, *rest) in enumerate(draws)
    )


def queries(length: int, said: Sequence[str], count: int, seed: int = SEED) -> list[str]:
    """Draw questions of so many characters."""
    random = np.random.default_rng((seed, length))
    drawn = []
    for _ in range(count):
        text = ""
        while len(text) < length:
            text += said[int(random.integers(len(said)))].rstrip("。") + "。"
        drawn.append(text[: length - 2] + "か？")
    return drawn


def _split(text: str) -> list[str]:
    parts = (part.strip() for part in re.split(r"(?<=[。！？?])|\n", text))
    return [part for part in parts if 8 <= len(part) <= 80]
