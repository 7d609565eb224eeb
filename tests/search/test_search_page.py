"""docs/search.md explains the search as it is: the weights and thresholds there are these."""

import pytest

from bot.search import meaning, policy, ranker, readings
from bot.search.analysis import MAX_QUERY
from bot.search.explain import MAX_MATCHES
from bot.search.meaning import MAX_TEXT
from tests.architecture.test_documents import ROOT

PAGE = (ROOT / "docs/search.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("strictness", [0.3, 0.5, 0.8])
def test_the_page_tells_how_sure_the_bot_must_be(strictness: float) -> None:
    sure = policy.thresholds(strictness)

    row = f"| {strictness} | {sure.answer:.2f} | {sure.suggest:.2f} | {sure.overheard:.2f} |"
    assert row in PAGE


@pytest.mark.parametrize(
    "said",
    [
        f"{ranker.BM25_WEIGHT} × BM25 の割合 + {ranker.COVERAGE_WEIGHT} × 含まれる割合",
        f"同義語なら {ranker.SYNONYM_CREDIT} 倍",
        f"+ {ranker.ASKED_BONUS} × 聞かれた割合",
        f"平均({'、'.join(map(str, meaning.PARTS))} の重さ)",
        f"語の分を {ranker.WORDS_ALONE} 倍",
        f"読みで見つかった語は {readings.READ} 倍",
        f"聞かれたもの({policy.ASKED_WEIGHT} の重さ)",
        f"項目にないもの({policy.UNMET_WEIGHT} の重さで引く)",
        f"前の名詞の {ranker.LATER:.0f} 倍",
        f"点数が {policy.STRONG} を超えると",
        f"一つも触れていなければ、確信度は {policy.ALL_UNMET} まで",
        f"3 位の代わりに {policy.UNRELATED} を",
        f"点数の差が {policy.CLOSE:.0%}".replace("%", " %"),
        f"{MAX_QUERY:,} 文字で切ります",
        f"いちばん近いものの近さ({policy.ELSEWHERE_WEIGHT} の重さで引く)",
        f"足したもの、ほかの場所で聞かれることへの近さの代わりに {policy.ELSEWHERE_GUESSED} を",
        f"{MAX_TEXT} 文字までです",
        f"重い順に {MAX_MATCHES} つまで",
    ],
)
def test_the_page_tells_what_counts_how_much(said: str) -> None:
    assert said in PAGE
