"""Each step switched off, one by one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from bot.search.shares import Comparison

from benchmarks.quality import decisions
from bot.search import analysis, confidence, index, policy, ranker, searcher
from bot.search.meaning import Meaning
from bot.search.question import Intent, Utterance
from bot.search.readings import Readings
from bot.search.searcher import LISTS, WordLists

Patch = tuple[object, str, Any]


class Ablation:
    """A step, and what to change to do without it.

    Args:
        name: What is missing.
        patches: Attributes to replace, as (owner, name, value).
        lists: Word lists to use.
    """

    def __init__(self, name: str, *patches: Patch, lists: WordLists = LISTS) -> None:
        self.name = name
        self.lists = lists
        self._patches = patches

    @contextmanager
    def applied(self) -> Iterator[WordLists]:
        """Do without the step for as long as the context lasts."""
        with ExitStack() as stack:
            for owner, name, value in self._patches:
                stack.enter_context(patch.object(owner, name, value))
            yield self.lists


def _without_filter(*kinds: type) -> Patch:
    kept = tuple(step for step in analysis.CHAR_FILTERS if not isinstance(step, kinds))
    return analysis, "CHAR_FILTERS", kept


def _without_share(name: str) -> Patch:
    compare = Comparison.compare

    def without(self: Comparison, *given: Any) -> Any:
        return compare(self, *given)._replace(**{name: 0.0})

    return Comparison, "compare", without


def _without_sign(at: int) -> Patch:
    combine = confidence.confidence

    def without(*signs: float) -> float:
        return combine(*(float(at == 0) if n == at else sign for n, sign in enumerate(signs)))

    return confidence, "confidence", without


def _keep_everything(self: object, morphemes: Any) -> list[Any]:
    return [morpheme for morpheme in morphemes if morpheme.pos[0] not in ("補助記号", "空白")]


def _unchanged(self: object, given: Any, *_: Any) -> Any:
    return given


def _tokens_unchanged(self: object, text: str, tokens: Any) -> Any:
    return tokens


def _no_stop_words(*paths: object) -> frozenset[str]:
    return frozenset()


def _none(self: object, term: str) -> tuple[()]:
    return ()


def _always_one(term: str) -> float:
    return 1.0


def _never(*_: object) -> bool:
    return False


def _always_a_question(text: str, morphemes: object) -> Intent:
    return Intent(Utterance.QUESTION, ((0, len(text)),), personal=False)


NOTHING_OFF = Ablation("すべて有効")

RANKING: tuple[Ablation, ...] = (
    Ablation("コードの除去", _without_filter(analysis.StripCode)),
    Ablation("チャット記法の除去", _without_filter(analysis.StripChatMarkup)),
    Ablation("長音の修復", _without_filter(analysis.MendDashes)),
    Ablation("内容語だけにする", (analysis.ContentWords, "__call__", _keep_everything)),
    Ablation("無視する語", (searcher, "read_stop_words", _no_stop_words)),
    Ablation("英数字の語をまるごとも", (analysis.WholeTerms, "__call__", _tokens_unchanged)),
    Ablation("かなの読み", (Readings, "apply", _unchanged)),
    Ablation("分野の同義語", lists=replace(LISTS, synonyms=())),
    Ablation("一般の同義語", lists=replace(LISTS, general=())),
    Ablation("質問欄", (index, "QUESTION_WEIGHT", 0.0)),
    Ablation("全文欄", (index, "WHOLE_WEIGHT", 1e-9)),
    Ablation("質問欄の b = 0.95(0.75 に)", (index, "QUESTION_B", 0.75)),
    Ablation("背景の文を軽く", (ranker, "BACKGROUND_WEIGHT", 1.0)),
    Ablation("ありふれた語を軽く", (ranker, "word_weight", _always_one)),
    Ablation("知らない語の近い語", (Meaning, "related", _none)),
    Ablation("単語ベクトルの近さ", (ranker, "LIKENESS_WEIGHT", 0.0)),
    Ablation("共有の割合による並べ替え", (ranker, "SHARE_WEIGHT", 0.0)),
    Ablation("割合:語(質問→回答)", _without_share("coverage")),
    Ablation("割合:語(回答→質問)", _without_share("asked")),
    Ablation("割合:漢字(質問→回答)", _without_share("kanji_coverage")),
    Ablation("割合:漢字(回答→質問)", _without_share("kanji_asked")),
    Ablation("割合:2 文字の並び", _without_share("pairs")),
)

CONFIDENCE: tuple[Ablation, ...] = (
    Ablation("証拠の量", _without_sign(0)),
    Ablation("聞かれた名詞のうち項目が触れている割合", _without_sign(1)),
    Ablation("項目の質問のうち聞かれた割合", _without_sign(2)),
    Ablation("3 位との差", _without_sign(3)),
    Ablation("数・場所・人の確認", (policy, "lacks_detail", _never)),
    Ablation(
        "質問・キーワード・発言の区別",
        (searcher, "understand", _always_a_question),
        (decisions, "understand", _always_a_question),
    ),
    Ablation("僅差なら候補を並べる", (policy, "CLOSE", -1.0)),
)
