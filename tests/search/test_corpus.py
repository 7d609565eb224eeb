"""What was analysed stays analysed until it changes."""

from dataclasses import replace

from bot.domain.entry import Entry
from bot.search.analysis import Analyzer
from bot.search.corpus import Corpus
from bot.search.tokenizer import Tokenizer

ENTRIES = (
    Entry("a-1", "河原 大輔", "合成データ", "合成データは使っていますか", "一部で使っています。"),
    Entry(
        "b-1",
        "関根 聡",
        "安全性",
        "安全性の評価は？",
        "人手で評価します。",
        variants=("危険性は？",),
    ),
)


def corpus() -> Corpus:
    return Corpus(Analyzer(Tokenizer(), stop_words=()))


def test_wordings_and_the_rest_are_kept_apart() -> None:
    analysed = corpus()

    _, sekine = analysed.analyse(ENTRIES)

    terms = list(analysed.vocabulary)
    parts, start = [], 0
    for length in sekine.lengths:
        parts.append([terms[number] for number in sekine.terms[start : start + length]])
        start += length
    assert [["安全", "性", "評価"], ["危険", "性"]] == parts[:2]
    assert {"人手", "評価", "関根", "安全"} <= set(parts[2])
    assert len(sekine.terms) == start


def test_only_what_changed_is_analysed_again() -> None:
    analysed = corpus()
    kawahara, sekine = analysed.analyse(ENTRIES)
    changed = replace(ENTRIES[1], answer="自動でも評価します。")

    after = analysed.analyse((ENTRIES[0], changed))

    assert kawahara is after[0]
    assert sekine is not after[1]
    assert changed is after[1].entry
    assert "自動" in analysed.vocabulary


def test_what_is_gone_is_forgotten_and_analysed_again_when_it_comes_back() -> None:
    analysed = corpus()
    first = analysed.analyse(ENTRIES)[1]

    assert 1 == len(analysed.analyse(ENTRIES[:1]))
    assert first is not analysed.analyse(ENTRIES)[1]


def test_spellings_hold_what_was_written_and_what_is_compared() -> None:
    analysed = corpus()
    analysed.analyse((Entry("c-1", "岡崎", "", "LLMへの引越しは？", "済みました。"),))

    assert {"llm", "引越し", "引っ越し"} <= analysed.spellings
