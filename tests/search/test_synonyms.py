"""Synonym lists: what is read, refused and expanded."""

import math
from pathlib import Path

import pytest

from bot.search import synonyms
from bot.search.analysis import Analyzer
from bot.search.synonyms import WEIGHT, SynonymError, alternatives, by_stretch, table


def listed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "synonyms.txt"
    path.write_text(text, encoding="utf-8")
    return path


def expand(analyzer: Analyzer, query: str, *paths: Path) -> dict[str, float]:
    made = table(*(by_stretch(synonyms.analyse(path, analyzer)) for path in paths))
    found = alternatives(made, analyzer.query(query)[0].tokens)
    return {alternative.word.surface: alternative.weight for alternative in found}


def test_a_word_is_expanded_by_the_others_of_its_group(analyzer: Analyzer, tmp_path: Path) -> None:
    path = listed(tmp_path, "RAG, 検索拡張生成  # メモ\n\n# 見出し\n")
    terms = len(analyzer.terms("検索拡張生成"))
    assert {"検索拡張生成": WEIGHT / math.sqrt(terms)} == expand(analyzer, "RAGとは", path)
    assert {"RAG": WEIGHT} == expand(analyzer, "検索拡張生成とは", path)


def test_an_ambiguous_word_says_less(analyzer: Analyzer, tmp_path: Path) -> None:
    path = listed(tmp_path, "推論, inference\n推論, reasoning\n")
    expanded = expand(analyzer, "推論とは", path)
    assert {"inference", "reasoning"} == set(expanded)
    assert all(weight == WEIGHT / math.sqrt(2) for weight in expanded.values())


def test_what_a_faq_says_of_a_word_comes_on_top_of_what_the_package_says(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    """And takes nothing away from it: the word isn't ambiguous for that."""
    package = listed(tmp_path, "推論, inference, reasoning\n")
    own = tmp_path / "own.txt"
    own.write_text("推論, サンプリング, inference\n", encoding="utf-8")
    expected = dict.fromkeys(("サンプリング", "inference", "reasoning"), WEIGHT)
    assert expected == expand(analyzer, "推論", own, package)


def test_a_word_that_the_faq_does_not_know_stands_in_no_others_place(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    groups = synonyms.analyse(listed(tmp_path, "本, 書籍, ブック\n"), analyzer)
    made = table(by_stretch(groups), known={"書籍", "合成"})

    def expanded(query: str) -> set[str]:
        return {other.word.surface for other in alternatives(made, analyzer.tokens(query))}

    assert {"書籍"} == expanded("本")
    assert {"書籍"} == expanded("ブック")
    assert set() == expanded("書籍")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("RAG、検索拡張生成、根拠付き生成 # 他, 他", ("RAG", "検索拡張生成", "根拠付き生成")),
        ("RAG，検索拡張生成,根拠付き生成", ("RAG", "検索拡張生成", "根拠付き生成")),
        ("墓地、埋葬等に関する法律, 墓埋法", ("墓地、埋葬等に関する法律", "墓埋法")),
        ("墓地、埋葬等に関する法律，墓埋法", ("墓地、埋葬等に関する法律", "墓埋法")),
    ],
)
def test_words_are_separated_as_japanese_is_typed(
    tmp_path: Path, line: str, words: tuple[str, ...]
) -> None:
    assert [(1, words, False)] == synonyms.read(listed(tmp_path, line))


def test_a_broader_word_stands_in_place_of_its_kinds_and_they_not_in_its(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    path = listed(tmp_path, "ペット, 家畜 > 犬、猫  # 動物\n飲み物 ＞ お茶\n")
    assert {"ペット", "家畜"} == set(expand(analyzer, "犬は入れますか", path))
    assert set() == set(expand(analyzer, "ペットは入れますか", path))
    assert {"飲み物"} == set(expand(analyzer, "お茶を飲みたい", path))


def test_sudachis_own_format_is_read(analyzer: Analyzer, tmp_path: Path) -> None:
    path = listed(
        tmp_path,
        "000001,1,0,1,0,0,0,(),曖昧,,\n000001,1,0,1,0,0,2,(),不明確,,\n"
        "000001,1,2,1,0,0,2,(),消された語,,\n",
    )
    assert {"不明確"} == set(expand(analyzer, "曖昧", path))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("LLM, 大規模言語モデル\nひとつだけ\n", 2),
        ("LLM, 、。\n", 1),
        ("犬 >\n", 1),
        ("> 犬, 猫\n", 1),
        ("ペット > 犬 > 柴犬\n", 1),
        ("犬 -> ペット\n", 1),
    ],
)
def test_an_unusable_group_names_its_line(
    analyzer: Analyzer, tmp_path: Path, text: str, line: int
) -> None:
    path = listed(tmp_path, text)
    with pytest.raises(SynonymError, match=f":{line}: "):
        synonyms.analyse(path, analyzer)


def test_a_list_that_is_not_there_is_refused_with_its_path(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    with pytest.raises(SynonymError, match="nowhere"):
        synonyms.analyse(tmp_path / "nowhere.txt", analyzer)


def test_groups_that_cannot_occur_in_the_faq_are_passed_over(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    path = listed(tmp_path, "量子化, quantization\n合成, synthetic\n")
    groups = synonyms.analyse(path, analyzer, within={"合成"})
    assert [["合成", "synthetic"]] == [[word.surface for word in group] for group in groups]


def test_a_group_with_the_verb_is_for_a_faq_with_the_noun(
    analyzer: Analyzer, tmp_path: Path
) -> None:
    path = listed(tmp_path, "引き取る, 受領\n")
    assert synonyms.analyse(path, analyzer, within={"荷物", "引き取り"})


def test_no_word_of_everyday_loses_its_negation(analyzer: Analyzer) -> None:
    """As 「水が出ない」 would: of it, 水 and 出る are looked for."""
    from tests.search.conftest import LISTS

    words = [word for line in synonyms.read(LISTS.synonyms[1]) for word in line.words]
    negated = {
        word
        for word in words
        for each in analyzer.tokenizer.morphemes(analyzer.normalise(word))
        if each.pos[0] in ("助動詞", "形容詞") and each.normal in ("ない", "無い", "ず", "ぬ")
    }
    assert set() == negated


def test_the_projects_own_list_is_usable_whole(analyzer: Analyzer) -> None:
    from tests.search.conftest import LISTS

    groups = synonyms.analyse(LISTS.synonyms[0], analyzer)
    assert len(groups) >= 150
