"""Words of the FAQ are found where a query writes them in kana."""

import pytest

from bot.search.analysis import Analyzer
from bot.search.readings import Readings

TERMS = ("合成", "データ", "主語", "医師", "国家", "試験", "講演", "公園")


@pytest.fixture(scope="module")
def readings(analyzer: Analyzer) -> Readings:
    return Readings(TERMS, analyzer.tokenizer, {})


def terms(analyzer: Analyzer, readings: Readings, text: str) -> list[str]:
    query, _ = analyzer.query(text)
    return [token.term for token in readings.apply(query, TERMS).tokens]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ごうせいデータ", ["合成", "データ"]),
        ("しゅごがない", ["主語"]),
        ("イシコッカシケン", ["医師", "国家", "試験"]),
    ],
)
def test_kana_is_read(analyzer: Analyzer, readings: Readings, text: str, found: list[str]) -> None:
    assert found == [t for t in terms(analyzer, readings, text) if t in TERMS]


def test_a_reading_of_two_words_is_no_word(analyzer: Analyzer, readings: Readings) -> None:
    """コウエン is 講演 or 公園: the FAQ can't tell which is meant."""
    assert not {"講演", "公園"} & set(terms(analyzer, readings, "コウエンはどこ"))


def test_a_word_that_the_faq_knows_stays(analyzer: Analyzer, readings: Readings) -> None:
    query, _ = analyzer.query("合成データを使うのですか")
    assert query.tokens[:2] == readings.apply(query, {*TERMS, "使う"}).tokens[:2]


def test_what_was_written_is_what_is_shown(analyzer: Analyzer, readings: Readings) -> None:
    query, _ = analyzer.query("その「ごうせい」です")
    token = next(t for t in readings.apply(query, TERMS).tokens if t.term == "合成")
    assert ("ごうせい", "ごうせい") == (token.surface, query.text[token.start : token.end])


def test_readings_are_remembered(analyzer: Analyzer) -> None:
    remembered: dict[str, str] = {}
    Readings(TERMS, analyzer.tokenizer, remembered)
    assert "ゴウセイ" == remembered["合成"]
