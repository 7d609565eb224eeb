"""The explanation: which words of the query met which of the entry, and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise

from bot.domain.entry import Entry
from bot.domain.retrieval import Match, Query, Token, Via
from bot.search.analysis import Analyzer, Morpheme
from bot.search.index import Index
from bot.search.synonyms import Alternative

MAX_MATCHES = 5

_MAX_REMEMBERED = 2_048  # entries kept ready
_INFLECTED = ("動詞", "形容詞")
_OPEN = ("未然形", "連用形", "仮定形", "語幹")
_HIRAGANA = re.compile("[ぁ-ゖー]+")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, as they stand in it.

    Attributes:
        text: The text, normalised.
        tokens: Its tokens, in order.
        ends: Where verbs and adjectives end by their start: behind the て of 使って.
        places: Of an entry: positions of each term among the tokens, ascending.
        silent: Of an entry: where words start that say nothing alone: よる, できる, 性 in 可能性.
    """

    text: str
    tokens: Sequence[Token]
    ends: Mapping[int, int]
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)
    silent: frozenset[int] = frozenset()

    def written(self, tokens: Sequence[Token]) -> str:
        """Return a stretch of tokens as it stands in the text, up to the end of its last word."""
        end = max(max(token.end, self.ends.get(token.start, 0)) for token in tokens)
        return " ".join(self.text[tokens[0].start : end].split())


def explain(
    query: Query,
    alternatives: Sequence[Alternative],
    entry: Entry,
    index: Index,
    analyzer: Analyzer,
) -> tuple[Match, ...]:
    """Return the words by which an entry was found, most telling first, at most five.

    Words that stand side by side in the query and in the entry are shown as one. Those of its
    variants, which members don't see, are named only if nothing else has matched.

    Args:
        query: The analysed query.
        alternatives: Synonyms of stretches of it.
        entry: The entry that was found.
        index: What weighs the terms.
        analyzer: The chain that entries and queries go through.
    """
    asked = Words(query.text, query.tokens, _ends(analyzer.tokenizer.morphemes(query.text)))
    shown = (entry.question, entry.answer, entry.talk, entry.lecturer)
    return _matches(asked, alternatives, _words(analyzer, shown), index) or _matches(
        asked, alternatives, _words(analyzer, entry.variants), index
    )


@lru_cache(_MAX_REMEMBERED)
def _words(analyzer: Analyzer, texts: tuple[str, ...]) -> Words:
    """Return the words of an entry's texts."""
    text = analyzer.normalise("\n".join(texts))
    morphemes = analyzer.tokenizer.morphemes(text)
    tokens = analyzer.tokens(text)
    places: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        places.setdefault(token.term, []).append(at)
    silent = frozenset(word.start for word in morphemes if _is_silent(word))
    return Words(text, tokens, _ends(morphemes), places, silent)


def _ends(morphemes: Sequence[Morpheme]) -> dict[int, int]:
    return {
        word.start: _end(morphemes, at)
        for at, word in enumerate(morphemes)
        if word.pos[0] in _INFLECTED
    }


def _end(morphemes: Sequence[Morpheme], at: int) -> int:
    """Return where an inflected word ends: 食べ られ なかっ た, 使っ て, 使い 方."""
    word = morphemes[at]
    for behind in islice(morphemes, at + 1, None):
        if behind.pos[0] == "助詞" and behind.surface in ("て", "で", "ば"):
            return behind.end
        ending = behind.pos[0] in ("助動詞", "接尾辞") or behind.pos[1] == "助動詞語幹"
        if not ending or not (word.pos[5].startswith(_OPEN) or word.surface == "ん"):
            break
        word = behind
    return word.end


def _is_silent(word: Morpheme) -> bool:
    """Whether it is a suffix, or an auxiliary word in hiragana, as those of one or two are."""
    return word.pos[0] == "接尾辞" or (
        _HIRAGANA.fullmatch(word.surface) is not None
        and (
            word.end - word.start <= 2
            or word.pos[1] in ("非自立可能", "助動詞語幹")
            or word.pos[2] == "副詞可能"
        )
    )


def _matches(
    asked: Words, alternatives: Sequence[Alternative], entry: Words, index: Index
) -> tuple[Match, ...]:
    tokens = asked.tokens
    found: dict[range, Match] = {}  # by the tokens of the query that it explains
    behind = 0
    for start, token in enumerate(tokens):
        if token.start < behind:
            continue
        met = _longest(tokens, start, entry)
        end = start + len(met)
        behind = max([other.end for other in tokens[start:end]], default=behind)
        while met and met[0].start in entry.silent:
            met = met[1:]
        if met:
            run = tokens[end - len(met) : end]
            written = asked.written(run), entry.written(met)
            via = Via.READING if any(each.weight < 1 for each in run) else Via.NORMAL_FORM
            same = written[0].lower() == written[1].lower()
            found[range(end - len(met), end)] = Match(*written, Via.SAME if same else via)
    for alternative in alternatives:
        stretch = range(alternative.start, alternative.end)
        met = _find(alternative.word.terms, entry)
        if met and not set(stretch).issubset(at for known in found for at in known):
            for part in [known for known in found if set(known).issubset(stretch)]:
                del found[part]
            run = tokens[stretch.start : stretch.stop]
            found[stretch] = Match(asked.written(run), entry.written(met), Via.SYNONYM)
    # A verb or adjective tells less than a noun that is as rare.
    weights = [index.idf(t.term) / (2 if t.start in asked.ends else 1) for t in tokens]
    telling = sorted(found, key=lambda at: -sum(weights[at.start : at.stop]))
    return tuple(dict.fromkeys(found[stretch] for stretch in telling))[:MAX_MATCHES]


def _longest(query: Sequence[Token], start: int, entry: Words) -> Sequence[Token]:
    """Return the longest run of the entry that the query has from ``start`` on; maybe empty.

    Among equally long ones that which is written as in the query, else the first.
    """
    tokens = entry.tokens
    best, longest, alike = 0, 0, False
    for at in entry.places.get(query[start].term, ()):
        length = 1
        while (
            start + length < len(query)
            and at + length < len(tokens)
            and query[start + length].term == tokens[at + length].term
            and query[start + length].start <= query[start + length - 1].end
            and tokens[at + length].start <= tokens[at + length - 1].end
        ):
            length += 1
        if length >= longest and (length > longest or not alike):
            same = all(tokens[at + n].surface == query[start + n].surface for n in range(length))
            if same or length > longest:
                best, longest, alike = at, length, same
    return tokens[best : best + longest]


def _find(terms: Sequence[str], entry: Words) -> Sequence[Token]:
    """Return the first stretch of the entry that consists of these terms; empty if none does."""
    for at in entry.places.get(terms[0], ()):
        stretch = entry.tokens[at : at + len(terms)]
        if [token.term for token in stretch] == list(terms) and all(
            after.start - before.end <= 1 for before, after in pairwise(stretch)
        ):
            return stretch
    return ()
