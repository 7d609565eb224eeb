"""The report for organisers, in Japanese, and the figures that other documents quote."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quality.decisions import EDGES, Decision, bins, share
from benchmarks.quality.figures import Change, Figures, Row
from benchmarks.quality.metrics import interval
from benchmarks.quality.sets import OWN, ROOT

REPORT = ROOT / "docs" / "quality.md"
FIGURES = ROOT / "docs" / "quality.json"
PLOTS = ROOT / "docs" / "quality"

_INTRODUCTION = """\
# 検索の精度

このページは `make quality` が書きます。手で直さないでください。仕組みは [search.md](search.md) に、
試して採らなかったものは [decisions/](decisions/) にあります。

評価に使う FAQ と質問:

- **講師の FAQ**(14 項目、[tests/quality/](../tests/quality/README.md) の質問):自作のものと、検索も
  一覧も知らない人たちが FAQ だけを見て書いたもの。それぞれ、調整に使う半分と、最後に測るだけの
  「取り置き」の半分があります。
- **campus**(大学の情報窓口と図書館、90 項目)、**localgovFAQ**(市の FAQ、1,786 項目、市民の質問):
  文章はこのリポジトリにありません。localgovFAQ では、答えのある質問を 2 回ずつ、そのままの FAQ と、
  関係する項目を除いた FAQ とにたずねます。後者は答えのない質問です。
- **JSQuAD**(1,145 段落):同上。FAQ ではないので、平均には入れません。

「調整」が「使った」の質問は、検索を作る間に見ています。その数字は、初めての FAQ での数字より良めに
出ます。campus、localgovFAQ、JSQuAD は、調整に使う半分だけが手元にあります。見ていない質問での数字は
「取り置き」の行だけです。

"""

_COLUMNS = {
    "p_at_1": "P@1",
    "mrr": "MRR",
    "s_at_3": "S@3",
    "s_at_5": "S@5",
    "ndcg_at_10": "nDCG@10",
    "answered_right": "すぐ正しく回答",
    "shown": "正解を表示",
    "bad": "誤った回答",
    "chat_offered": "雑談などに候補",
    "statements_offered": "発言に候補",
}

_MEANINGS = """
P@1 は 1 位が正しい割合、MRR は正しい項目の順位の逆数の平均、S@3 と S@5 は 3 位、5 位までに正しい
項目がある割合です。「すぐ正しく回答」と「正解を表示」(回答か候補に正解がある)は、答えのある質問のうちの
割合です。「誤った回答」は、誤って答えたものと、答えのないことに答えたものの、聞かれたこと全体に
対する割合です。「雑談など」は雑談と、FAQ と関係のない質問です。[ ] はブートストラップによる 95 %
区間、「FAQ の平均」は調整に使った行の平均で、講師の FAQ は 2 行で 1 つに数えます。
"""

_KINDS = {
    "paraphrase": "言い換え",
    "para": "言い換え",
    "keywords": "キーワード",
    "short": "短い",
    "chatty": "くだけた",
    "colloq": "くだけた",
    "noisy": "記法まじり",
    "long": "長い",
    "typo": "誤字",
    "kana": "かな",
    "english": "英語まじり",
    "mixed": "英語まじり",
    "answer": "回答の語",
    "answerside": "回答の語",
    "synonym": "別の用語",
    "wish": "希望",
    "field": "(答えなし)分野の質問",
    "near": "(答えなし)分野の質問",
    "chat": "(答えなし)雑談",
    "statement": "(答えなし)発言",
    "offtopic": "(答えなし)関係ない",
}

_RULES = """\
それを外したときの変化です。順位の部分は、2 つの組で MRR を .005 以上、または 1 つの組で .01 以上
(区間が 0 をまたがない)良くし、どの組も .005 より悪くしないときに、確信度の部分は、「すぐ正しく
回答」を 2 つの FAQ で .01 以上良くするときに残します。
"""


def write(figures: Figures, fingerprint: str) -> None:
    """Write the report, its plots and the figures."""
    from benchmarks.quality import plots  # matplotlib is there for benchmarks only

    PLOTS.mkdir(parents=True, exist_ok=True)
    named = {_in_english(name): made for name, made in figures.reliable.items()}
    plots.reliability(named, PLOTS / "reliability.svg")
    REPORT.write_text("\n".join(_sections(figures)), encoding="utf-8")
    figures_json = json.dumps(_quoted(figures, fingerprint), ensure_ascii=False, indent=2)
    FIGURES.write_text(figures_json + "\n", encoding="utf-8")


def recorded(path: Path = FIGURES) -> dict[str, Any]:
    """Read the figures of the last run."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _sections(figures: Figures) -> Iterable[str]:
    yield _INTRODUCTION
    yield "## FAQ ごと\n"
    yield from _faqs(figures.faqs, intervals=True)
    yield _MEANINGS
    yield "### 語だけで(`FAQBOT_SEARCH__MEANING=off`)\n"
    yield from _faqs(figures.words, intervals=False)
    yield "## 呼ばれていないとき\n"
    for name, heard in figures.overheard.items():
        yield (
            f"{name}:チャンネルの {heard.lines} 行(うち FAQ が答えられる質問 {heard.questions})を"
            f"聞いて、正しく答えたもの {heard.right}、誤って口をはさんだもの {heard.wrong}。\n"
        )
    yield "## 誘う質問\n"
    yield (
        "項目と同じ言葉を使いながら、どの項目も答えていないことを聞く質問 {1} のうち、"
        "回答してしまったもの {0}。\n".format(*figures.tempted)
    )
    yield "## 確信度ごとの正しさ\n"
    yield (
        "1 位が正しい割合(括弧内は質問の数)。どの FAQ も同じ定数で測ります。同じ確信度が項目の多い "
        "FAQ でも少ない FAQ でも同じことを意味するかを、ここで確かめます。"
        "小さい FAQ は localgovFAQ から無作為に取り出したもので、質問の半分には答えがありません。\n"
    )
    yield from _reliability(figures.reliable)
    yield "![確信度ごとの正しさ](quality/reliability.svg)\n"
    yield "## 一つずつ外すと\n"
    yield _RULES
    yield "### 順位:MRR(10 位まで)の変化、[95 % 区間]\n"
    yield from _changes(figures.order)
    yield "### 確信度:「すぐ正しく回答」の変化\n"
    yield (
        "しきい値は、その都度、FAQ ごとに、誤った回答が聞かれたこと全体の .02 を超えない範囲で"
        "いちばん低くしたものです。他の人の質問には、誘う質問を加えています。\n"
    )
    yield from _changes(figures.certainty)
    yield "## 他の検索\n"
    yield from _baselines(figures)
    for row in figures.faqs:
        if any(one.query.kind for one in row.decided):
            yield f"## 種類ごと:{row.collection.name}\n"
            yield from _kinds(row.decided)


def _kinds(decided: Sequence[Decision]) -> Iterable[str]:
    yield "| 種類 | 質問 | P@1 | 正しく回答 | 誤って回答 | 候補に正解 | 候補のみ | 断る・案内 |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind in dict.fromkeys(one.query.kind for one in decided):
        made = [one for one in decided if one.query.kind == kind]
        right = sum(one.answered and one.right for one in made)
        wrong = sum(one.answered for one in made) - right
        shown = sum(one.offered and one.shown for one in made)
        useless = sum(one.offered for one in made) - shown
        called = _KINDS[kind]
        first = "" if called.startswith("(") else f"{share(made, lambda one: one.right):.3f}"
        counts = (right, wrong, shown, useless, len(made) - right - wrong - shown - useless)
        yield _line(called, str(len(made)), first, *map(str, counts))
    yield ""


def _faqs(rows: Sequence[Row], intervals: bool) -> Iterable[str]:
    yield _line("FAQ", "項目", "質問", "調整", *_COLUMNS.values())
    yield "| --- | ---: | ---: | --- |" + " ---: |" * len(_COLUMNS)
    for row in rows:
        found, spans = _figures(row), _intervals(row) if intervals else {}
        yield _line(
            row.collection.name,
            f"{len(row.collection.entries):,}",
            f"{len(row.decided):,}",
            "使った" if row.collection.tuned else "**取り置き**",
            *(_number(found.get(name)) + spans.get(name, "") for name in _COLUMNS),
        )
    mean = mean_over_faqs(rows)
    yield _line("**FAQ の平均**", "", "", "使った", *(_number(mean.get(name)) for name in _COLUMNS))
    yield ""


def mean_over_faqs(rows: Sequence[Row]) -> dict[str, float]:
    """Return the mean of each figure over FAQs, the lecturers' being one; without JSQuAD."""
    faqs: dict[int, list[dict[str, float | None]]] = {}
    for row in rows:
        if row.collection.tuned and row.summary.unanswerable is not None:
            faqs.setdefault(len(row.collection.entries), []).append(_figures(row))
    means = {}
    for name in _COLUMNS:
        found = [
            [value for one in faq if (value := one.get(name)) is not None] for faq in faqs.values()
        ]
        if name != "ndcg_at_10" and any(found):
            means[name] = float(np.mean([np.mean(of_faq) for of_faq in found if of_faq]))
    return means


def _figures(row: Row) -> dict[str, float | None]:
    return row.ranks.means | asdict(row.summary)


def _intervals(row: Row) -> dict[str, str]:
    answerable = [one for one in row.decided if one.answerable]
    values = {
        "p_at_1": row.ranks.first,
        "mrr": row.ranks.reciprocal,
        "answered_right": np.array([float(one.answered and one.right) for one in answerable]),
        "shown": np.array([float(one.shown) for one in answerable]),
    }
    return {name: " " + _span(*interval(found)) for name, found in values.items()}


def _reliability(decided: Mapping[str, Sequence[Decision]]) -> Iterable[str]:
    spans = [f"{low:.1f}〜{high:.1f}" for low, high in pairwise(EDGES)]
    yield _line("", *spans)
    yield "| --- |" + " ---: |" * len(spans)
    for name, made in decided.items():
        cells = [f"{one.right:.2f} ({one.count})" if one.count else "–" for one in bins(made)]
        yield _line(name, *cells)
    yield ""


def _changes(changes: Mapping[str, Mapping[str, Change]]) -> Iterable[str]:
    yield _line("外したもの", *next(iter(changes.values())))
    yield "| --- |" + " ---: |" * len(next(iter(changes.values())))
    for part, of_sets in changes.items():
        yield _line(
            part,
            *(
                f"{one.change:+.3f}"
                + ("" if one.low is None or one.high is None else f" {_span(one.low, one.high)}")
                for one in of_sets.values()
            ),
        )
    yield ""


def _baselines(figures: Figures) -> Iterable[str]:
    yield "P@1 / MRR\n"
    yield _line("", *figures.baselines)
    yield "| --- |" + " ---: |" * len(figures.baselines)
    for title, rows in (("この検索", figures.faqs), ("この検索、語だけ", figures.words)):
        found = {row.collection.name: row.ranks for row in rows}
        yield _line(title, *(_first(found[name].means) for name in figures.baselines))
    for title in next(iter(figures.baselines.values())):
        yield _line(title, *(_first(of_set[title].means) for of_set in figures.baselines.values()))
    yield ""


def _first(means: Mapping[str, float]) -> str:
    return f"{means['p_at_1']:.3f} / {means['mrr']:.3f}"


def _span(low: float, high: float) -> str:
    return f"[{low:.3f}, {high:.3f}]"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _in_english(name: str) -> str:
    """The plots' font has no Japanese."""
    of_own = dict(zip(OWN.values(), ("lecturers', ours", "lecturers', others'"), strict=False))
    return of_own.get(name, name.replace(" から取り出した", ",").replace(" 項目", " entries"))


def _quoted(figures: Figures, fingerprint: str) -> dict[str, Any]:
    def rounded(found: Mapping[str, float | None]) -> dict[str, float | None]:
        return {name: None if v is None else round(v, 6) for name, v in found.items()}

    def of_rows(rows: Sequence[Row]) -> dict[str, Any]:
        return {
            row.collection.name: {
                "entries": len(row.collection.entries),
                "tuned": row.collection.tuned,
                **rounded(_figures(row)),
            }
            for row in rows
        }

    return {
        "fingerprint": fingerprint,
        "faqs": of_rows(figures.faqs),
        "words": of_rows(figures.words),
        "mean": {
            "faqs": rounded(mean_over_faqs(figures.faqs)),
            "words": rounded(mean_over_faqs(figures.words)),
        },
        "baselines": {
            name: {title: rounded(ranks.means) for title, ranks in of_set.items()}
            for name, of_set in figures.baselines.items()
        },
        "overheard": {name: asdict(heard) for name, heard in figures.overheard.items()},
        "tempted": figures.tempted,
    }
