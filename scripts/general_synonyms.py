"""Reduce Sudachi's synonym dictionary to groups that are safe for query expansion.

Usage: python scripts/general_synonyms.py DICTIONARY.json > bot/search/lists/synonyms-general.txt

DICTIONARY.json is the file of the npm package sudachi-synonyms-dictionary (Apache License 2.0).
A word is left out where expanding it would do more harm than good; ``reduce`` says in which order.
"""

import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

import msgspec
from sudachipy import Dictionary, SplitMode

HEADER = """\
# 一般の日本語の同義語。1 行が 1 組、言葉はコンマ区切り。手では直さず、作り直す。
# 足したい言葉は、FAQ のフォルダの synonyms.txt に書く。
#
# Source: the synonym dictionary of SudachiDict, Copyright (c) 2017 Works Applications Co., Ltd.,
# as packed in sudachi-synonyms-dictionary, (c) azu.
# Licensed under the Apache License, Version 2.0: see LICENSE.apache-2.0 beside this file.
#
# Changed: reduced and reformatted by scripts/general_synonyms.py. Left out are names, specialist
# fields, words not meant to be expanded, misspellings, ambiguous words, groups that join many
# words, spellings that Sudachi's normalized form joins anyway, mere transliterations, and a few
# groups that would mislead in this FAQ's field.
"""

# fmt: off
NAMES = frozenset({
    "企業名", "旧企業名", "人名", "地名", "国名", "大学名", "組織名",
    "旧組織名", "商品", "店名", "キャラ", "観光", "地形",
})
SPECIALIST = frozenset({
    "スポーツ", "音楽", "娯楽", "ファッション", "美容", "動植物", "料理",
    "色", "単位", "化学", "不快",
})
REFUSED = frozenset({
    "000032", "000385", "000401", "000403", "000527", "000617", "000719", "000789",
    "000847", "001124", "001339", "008178", "009611", "009819", "010135", "011753",
    "017282", "018595", "018753", "022692", "023367", "023454", "024233",
})
"""Groups, read and refused by hand, that would mislead among people who study language models:
there an エージェント is no 代理人, a ステージ no 舞台, a パラメーター no 変数, and 学習 isn't 勉強.
The dictionary never reuses a group's id.
"""
FUNCTION_WORDS = frozenset({
    "助詞", "助動詞", "補助記号", "空白", "記号", "接続詞", "感動詞", "代名詞", "連体詞",
})
# fmt: on
MOST_LEXEMES = 5
"""A group that joins more lexemes drifts from its first word (従業員 … 月給取り)."""

Terms = tuple[str, ...]
"""What search compares: normalized forms of the content words, lower case."""


class Item(msgspec.Struct, frozen=True):
    """One word of a group, as the dictionary writes it.

    Attributes:
        headword: The word.
        expansion: 0 always; 1 found from the others, expands nothing itself; 2 never.
        lexeme: Items with the same number are spellings, abbreviations or translations of one word.
        kind: How the word relates to its lexeme's main word.
        spelling: How it is spelt, compared with the main spelling.
        fields: Where the word is at home; empty for everyday words.
    """

    headword: str = msgspec.field(name="midashi")
    expansion: Literal[0, 1, 2] = msgspec.field(name="expandControl")
    kind: str = msgspec.field(name="gokeiSyubetsu")
    spelling: str = msgspec.field(name="hyoukiYure")
    fields: frozenset[str] = msgspec.field(name="bunya")
    lexeme: int | None = msgspec.field(name="vocabularyNumber", default=None)


class Group(msgspec.Struct, frozen=True):
    """Words with the same meaning.

    Attributes:
        id: Six digits.
        items: The words.
    """

    id: str
    items: tuple[Item, ...]


def expandable(item: Item) -> bool:
    """Say whether a word expands and is expanded to alike, and isn't a name or a specialist's."""
    return (
        item.expansion == 0
        and item.kind != "間違い"
        and item.spelling != "間違い表記"
        and not item.fields & (NAMES | SPECIALIST)
        and "," not in item.headword
        and "#" not in item.headword
    )


def has_kanji(word: str) -> bool:
    """Say whether a word holds a CJK ideograph."""
    return any(unicodedata.name(char, "").startswith("CJK UNIFIED") for char in word)


def analyser() -> Callable[[str], Terms]:
    """Return the function that tells which terms search sees in a word.

    It sees none where a single character is anything but a common noun in kanji, such as 窓.
    """
    tokenizer = Dictionary().tokenizer(mode=SplitMode.A)

    def analyse(word: str) -> Terms:
        morphemes = tokenizer.tokenize(unicodedata.normalize("NFKC", word))
        common = all(m.part_of_speech()[1] == "普通名詞" for m in morphemes)
        if len(word) == 1 and not (common and has_kanji(word)):
            return ()
        return tuple(
            m.normalized_form().lower()
            for m in morphemes
            if m.part_of_speech()[0] not in FUNCTION_WORDS
        )

    return analyse


def distinct(words: Iterable[str], analyse: Callable[[str], Terms]) -> dict[Terms, str]:
    """Keep the first of the words that search can't tell apart; leave out what it can't see."""
    found: dict[Terms, str] = {}
    for word in words:
        if terms := analyse(word):
            found.setdefault(terms, word)
    return found


def without_transliterations(words: dict[Terms, str]) -> dict[Terms, str]:
    """Leave out the Latin spelling where all it stands for is katakana: スライム and slime."""
    if any(has_kanji(word) for word in words.values()):
        return words
    return {terms: word for terms, word in words.items() if not word.isascii()}


def reduce(groups: Iterable[Group]) -> list[tuple[str, ...]]:
    """Return the groups that are safe to expand, ordered by their first word."""
    analyse = analyser()
    candidates: list[tuple[bool, dict[Terms, str]]] = []
    for group in groups:
        items = tuple(item for item in group.items if expandable(item))
        close = len({item.lexeme for item in items}) <= MOST_LEXEMES
        words = distinct((item.headword for item in items), analyse)
        candidates.append((close and group.id not in REFUSED, words))
    meanings = Counter(terms for _, words in candidates for terms in words)

    safe: list[tuple[str, ...]] = []
    for accepted, words in candidates:
        unambiguous = {terms: word for terms, word in words.items() if meanings[terms] == 1}
        kept = without_transliterations(unambiguous)
        if accepted and len(kept) > 1:
            safe.append(tuple(kept.values()))
    return sorted(safe)


def main() -> None:
    """Write the reduced dictionary to standard output."""
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/general_synonyms.py DICTIONARY.json")
    groups = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=list[Group])
    print(HEADER)
    for words in reduce(groups):
        print(", ".join(words))


if __name__ == "__main__":
    main()
