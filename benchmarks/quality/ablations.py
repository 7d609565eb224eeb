"""Each part of the order and of the certainty taken out, one by one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from bot.domain.retrieval import Ranking
from bot.search import analysis, index, meaning, policy, question, ranker, searcher
from bot.search.corpus import Stored
from bot.search.question import Intent, Utterance, lacks_detail
from bot.search.ranker import Candidate, Ranker
from bot.search.readings import Readings
from bot.search.searcher import LISTS, Searcher, WordLists

Patch = tuple[object, str, Any]


class Ablation:
    """A part, and what to change to do without it.

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
        """Do without the part for as long as the context lasts."""
        with ExitStack() as stack:
            for owner, name, value in self._patches:
                stack.enter_context(patch.object(owner, name, value))
            yield self.lists

    def reuse(self, whole: Searcher) -> Stored | None:
        """Return the analysis of the entries, if this part has no share in it."""
        return None if any(owner is analysis for owner, *_ in self._patches) else whole.store()


def _without_filter(*steps: analysis.CharFilter) -> Patch:
    kept = tuple(step for step in analysis.CHAR_FILTERS if step not in steps)
    return analysis, "CHAR_FILTERS", kept


def _keep_everything(morphemes: Any) -> list[Any]:
    return [morpheme for morpheme in morphemes if morpheme.pos[0] not in ("補助記号", "空白")]


def _unchanged(self: object, given: Any, *_: Any) -> Any:
    return given


def _tokens_unchanged(text: str, tokens: Any) -> Any:
    return tokens


def _no_stop_words(*paths: object) -> frozenset[str]:
    return frozenset()


def _nothing(*_: object) -> None:
    return None


def _none(*_: object) -> list[Any]:
    return []


def _never(*_: object) -> bool:
    return False


def _question_only(entry: Any) -> str:
    return str(entry.question)


_rank = Ranker.rank


def _rank_by_words(self: Ranker, query: Any, intent: Any, _: object, limit: int) -> Any:
    return _rank(self, query, intent, None, limit)


def _over(place: int | None) -> Patch:
    """Let the lead count over another place than the third, or the score itself instead of it."""

    def assess(candidates: Sequence[Candidate], _: int, elsewhere: float) -> list[float]:
        behind = candidates[place - 1 : place] if place else ()
        other = behind[0].score if behind else 0.0
        against = policy.ELSEWHERE_WEIGHT * elsewhere
        return [policy._confidence(each, each.score - other, against) for each in candidates]

    return policy, "assess", assess


def _answers_one_word_too(ranking: Ranking, intent: Intent) -> bool:
    text = ranking.query.text
    asked = "\n".join(text[start:end] for start, end in intent.questions)
    return not policy._close(ranking.hits) and not lacks_detail(asked, ranking.hits[0].entry)


def _always_a_question(text: str, morphemes: object) -> Intent:
    return Intent(Utterance.QUESTION, ((0, len(text)),), personal=False)


NOTHING_OFF = Ablation("すべて有効")

ORDER: tuple[Ablation, ...] = (
    Ablation("意味(エンコーダ)", (Ranker, "rank", _rank_by_words)),
    Ablation("意味:回答の最初の文", (meaning, "_gist", _question_only)),
    Ablation("語:BM25 の割合", (ranker, "BM25_WEIGHT", 0.0)),
    Ablation("語:質問の語が項目にある割合", (ranker, "COVERAGE_WEIGHT", 0.0)),
    Ablation("同義語", lists=replace(LISTS, synonyms=())),
    Ablation("同義語:分野の一覧", lists=replace(LISTS, synonyms=LISTS.synonyms[1:])),
    Ablation("同義語:日常の一覧", lists=replace(LISTS, synonyms=LISTS.synonyms[:1])),
    Ablation("同義語:割合での点", (ranker, "SYNONYM_CREDIT", 0.0)),
    Ablation("読み", (Readings, "apply", _unchanged)),
    Ablation("読み:かな", (Readings, "_kana", _none)),
    Ablation("読み:ローマ字", (Readings, "_romaji", _nothing)),
    Ablation("読み:漢字 1 字の取り違え", (Readings, "_kanji", _none)),
    Ablation("読み:同音語・カタカナの誤り", (Readings, "_word", _nothing)),
    Ablation("挨拶・名のりを数えない", (question, "_is_idle", _never)),
    Ablation("質問欄", (index, "QUESTION_WEIGHT", 0.0)),
    Ablation("全文欄", (index, "WHOLE_WEIGHT", 1e-9)),
    Ablation("無視する語", (searcher, "read_stop_words", _no_stop_words)),
    Ablation("内容語だけにする", (analysis, "content_words", _keep_everything)),
    Ablation("二つからなる動詞を一語に", (analysis, "_CONJUGATED", "–")),
    Ablation("英数字の語をまるごとも", (analysis, "whole_terms", _tokens_unchanged)),
    Ablation("コードの除去", _without_filter(analysis.strip_code)),
    Ablation("チャット記法の除去", _without_filter(analysis.strip_chat_markup)),
    Ablation(
        "似た文字・長音の修復", _without_filter(analysis.fold_look_alikes, analysis.mend_dashes)
    ),
)

CERTAINTY: tuple[Ablation, ...] = (
    Ablation("3 位との差(点数そのものに)", _over(None)),
    Ablation("3 位との差(2 位との差に)", _over(2)),
    Ablation("高い点数では差を割合でみる", (policy, "STRONG", 9.0)),
    Ablation("項目の質問のうち聞かれた割合", (policy, "ASKED_WEIGHT", 0.0)),
    Ablation("聞かれた名詞のうち項目が触れていない割合", (policy, "UNMET_WEIGHT", 0.0)),
    Ablation("後の名詞ほど重くみる", (ranker, "LATER", 1.0)),
    Ablation("ほかでも聞かれること", (policy, "ELSEWHERE_WEIGHT", 0.0)),
    Ablation("僅差なら候補を並べる", (policy, "CLOSE", -1.0)),
    Ablation("1 語だけの質問は候補にする", (policy, "_answers", _answers_one_word_too)),
    Ablation("数・場所・人の確認", (policy, "lacks_detail", _never)),
    Ablation("質問・キーワード・発言の区別", (searcher, "understand", _always_a_question)),
)
