"""What was analysed stays analysed until it changes."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from bot.domain.entry import Entry
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.bm25 import Vocabulary
from bot.search.corpus import Corpus
from bot.search.index import AnalysedEntries
from tests.search.conftest import SAFETY, SYNTHETIC

ENTRIES = (SYNTHETIC, SAFETY)


def corpus() -> Corpus:
    return Corpus(Analyzer(Tokenizer(), stop_words=()))


def parts(analysed: AnalysedEntries, vocabulary: Vocabulary) -> list[list[str]]:
    """Return the terms of each part of each entry."""
    terms = list(vocabulary)
    ends = np.cumsum(analysed.lengths)[:-1]
    return [[terms[number] for number in part] for part in np.split(analysed.terms, ends)]


def test_wordings_and_the_rest_are_kept_apart() -> None:
    analysed = corpus()

    entries = analysed.analyse(ENTRIES)

    assert [2, 3] == entries.parts.tolist()
    _, _, *wordings, rest = parts(entries, analysed.vocabulary)
    assert [["安全", "性", "評価"], ["危険", "性"]] == wordings
    assert {"人手", "評価", "関根", "安全"} <= set(rest)


def test_only_what_changed_is_analysed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    analysed = corpus()
    analysed.analyse(ENTRIES)
    same, changed = replace(ENTRIES[0]), replace(ENTRIES[1], answer="自動でも評価します。")
    texts: list[str] = []
    tokens = Analyzer.tokens
    monkeypatch.setattr(
        Analyzer, "tokens", lambda chain, text: texts.append(text) or tokens(chain, text)
    )

    after = analysed.analyse((same, changed))

    assert (same, changed) == after.entries
    assert ["安全性の評価は？", "危険性は？"] == texts[:2]
    assert texts[2].startswith("自動でも評価します。")
    assert texts[3:] == []
    assert "自動" in analysed.vocabulary


@pytest.mark.parametrize("first", [(), ENTRIES[:1], ENTRIES[1:], ENTRIES, ENTRIES[::-1]])
@pytest.mark.parametrize("then", [(), ENTRIES[:1], ENTRIES[1:], ENTRIES, ENTRIES[::-1]])
def test_whatever_was_analysed_before_the_entries_and_their_terms_are_those_given(
    first: tuple[Entry, ...], then: tuple[Entry, ...]
) -> None:
    before, anew = corpus(), corpus()
    before.analyse(first)

    after, expected = before.analyse(then), anew.analyse(then)

    assert expected.entries == after.entries
    assert expected.parts.tolist() == after.parts.tolist()
    assert parts(expected, anew.vocabulary) == parts(after, before.vocabulary)


def test_more_groups_of_synonyms_may_occur_in_more_entries(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.txt"
    path.write_text("安全, セーフティ\n引越し, 転居\n", encoding="utf-8")
    analysed = corpus()

    def surfaces() -> list[list[str]]:
        groups = dict.fromkeys(chain.from_iterable(analysed.synonyms(path).values()))
        return [[word.surface for word in group] for group in groups]

    analysed.analyse(ENTRIES)
    assert [["安全", "セーフティ"]] == surfaces()
    analysed.analyse((*ENTRIES, Entry("c-1", "", "", "引越しの手続きは？", "窓口です。")))
    assert [["安全", "セーフティ"], ["引越し", "転居"]] == surfaces()
    path.write_text("引越し, 転居\n", encoding="utf-8")
    assert [["引越し", "転居"]] == surfaces()
