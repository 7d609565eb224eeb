"""The report for organisers, in Japanese, and the figures that other documents quote."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.quality.decisions import EDGES, Decision, Summary, bins
from benchmarks.quality.figures import Figures, Kind, Row
from benchmarks.quality.sets import ROOT

REPORT = ROOT / "docs" / "quality.md"
FIGURES = ROOT / "docs" / "quality.json"
PLOTS = ROOT / "docs" / "quality"

_INTRODUCTION = """\
# 検索の精度

このページは `python -m benchmarks.quality` が書きます。手で直さないでください。仕組みは
[search.md](search.md) に、試して採らなかったものは [decisions/](decisions/) にあります。

評価に使う質問は 3 種類です。

- **講師の FAQ**(14 項目、[tests/quality/](../tests/quality/README.md) の質問):調整に使う半分
  (tune)と、最後に測るだけの半分(final)。答えのない質問や発言も含みます。others は、検索も一覧も
  知らない人たちが FAQ だけを見て書いた質問で、言葉が項目から遠く、より難しいものです。
- **localgovFAQ**(1,786 項目、市民の質問):文章はこのリポジトリにありません。
- **JSQuAD**(1,145 段落):同上。FAQ ではないので、語の扱いの確認に使います。

P@1 は 1 位が正しい割合、S@5 は 5 位までに正しい項目がある割合です。
「差の 95 % 区間」は対応のあるブートストラップで、0 をまたぐ差は偶然でも起こります。
"""

_KINDS = {
    "paraphrase": "言い換え",
    "keywords": "キーワード",
    "chatty": "くだけた",
    "noisy": "記法まじり",
    "long": "長い",
    "typo": "誤字",
    "kana": "かな",
    "english": "英語まじり",
    "answer": "回答の語",
    "synonym": "別の用語",
    "wish": "希望",
    "field": "(答えなし)分野の質問",
    "chat": "(答えなし)雑談",
    "statement": "(答えなし)発言",
    "offtopic": "(答えなし)関係ない",
}


def write(figures: Figures, fingerprint: str) -> None:
    """Write the report, its plots and the figures."""
    from benchmarks.quality import plots  # matplotlib is there for benchmarks only

    PLOTS.mkdir(parents=True, exist_ok=True)
    plots.risk_coverage(figures.decided, PLOTS / "risk-coverage.svg")
    plots.reliability(figures.decided, PLOTS / "reliability.svg")
    REPORT.write_text("\n".join(_sections(figures)), encoding="utf-8")
    figures_json = json.dumps(_quoted(figures, fingerprint), ensure_ascii=False, indent=2)
    FIGURES.write_text(figures_json + "\n", encoding="utf-8")


def recorded(path: Path = FIGURES) -> dict[str, Any]:
    """Read the figures of the last run."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _sections(figures: Figures) -> Iterable[str]:
    yield _INTRODUCTION
    for half, kinds in figures.kinds.items():
        yield f"## 講師の FAQ:種類ごと({half})\n"
        yield from _kinds(kinds)
    if figures.overheard:
        heard = figures.overheard
        yield "## 呼ばれていないとき\n"
        yield (
            f"チャンネルの {heard.lines} 行(うち FAQ が答えられる質問 {heard.questions})を聞いて、"
            f"正しく答えたもの {heard.right}、誤って口をはさんだもの {heard.wrong}。\n"
        )
    if figures.tempted:
        yield "## 誘う質問\n"
        yield (
            "項目と同じ言葉を使いながら、どの項目も答えていないことを聞く質問 {1} のうち、"
            "回答してしまったもの {0}。\n".format(*figures.tempted)
        )
    yield "## 答える・候補を出す・断る\n"
    yield (
        "localgovFAQ では、答えのある質問を 2 回ずつ、そのままの FAQ と、関係する項目を除いた FAQ "
        "とにたずねています。後者は答えのない質問です。"
        "AUROC は確信度が「答えのある質問」「1 位が正しい質問」をどれだけ見分けるかです。\n"
    )
    yield from _summaries(figures.summaries.items())
    yield "![確信度の高い順に答えたときの正しさ](quality/risk-coverage.svg)\n"
    if figures.halves:
        yield (
            "答えのある質問とない質問を半分ずつ無作為に選び直すと、localgovFAQ の "
            "AUROC(答えの有無)は平均 {:.3f}、95 % の場合に {:.3f}〜{:.3f} に入ります。\n".format(
                *figures.halves
            )
        )
    yield "### 確信度ごとの正しさ\n"
    yield (
        "1 位が正しい割合(括弧内は質問の数)。同じ確信度は、項目の多い FAQ でも少ない FAQ でも"
        "ほぼ同じことを意味します。小さい FAQ は localgovFAQ から無作為に取り出したものです。"
        "質問の半分には答えがありません。\n"
    )
    yield from _reliability(figures.decided)
    yield "![確信度ごとの正しさ](quality/reliability.svg)\n"
    for name, signs in figures.signs.items():
        yield f"### 何を除くとどうなるか({name})\n"
        yield from _summaries(signs.items())
    for name, rows in figures.rankings.items():
        yield f"## 順位:{name}\n"
        yield "1 行目のほかは、その段階だけを外した結果、または他の検索です。\n"
        yield from _rankings(rows)
    if figures.missed:
        yield "## tune で自動的に正しく答えられなかった質問\n"
        yield "| 種類 | 質問 | 正解 | 1 位 | 確信度 | 応答 |\n| --- | --- | --- | --- | --- | --- |"
        for decision in figures.missed:
            hits = decision.ranking.hits
            yield _line(
                _KINDS[decision.query.kind],
                decision.query.text.replace("|", "\\|"),
                " ".join(decision.query.grades) or "なし",
                hits[0].entry.id if hits else "",
                f"{decision.ranking.confidence:.2f}",
                type(decision.reply).__name__,
            )
        yield ""


def _kinds(kinds: dict[str, Kind]) -> Iterable[str]:
    yield "| 種類 | 質問 | P@1 | 正しく回答 | 誤って回答 | 候補に正解 | 候補のみ | 断る・案内 |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, kind in kinds.items():
        first = "" if _KINDS[name].startswith("(") else f"{kind.first / kind.queries:.3f}"
        yield _line(
            _KINDS[name],
            *(str(kind.queries), first, str(kind.right), str(kind.wrong)),
            *(str(kind.offered), str(kind.offered_wrong), str(kind.declined)),
        )
    yield ""


def _summaries(summaries: Iterable[tuple[str, Summary]]) -> Iterable[str]:
    yield (
        "| | 正しく自動回答 | 自動回答の正しさ | 答えのない質問に回答 | 正解を表示 "
        "| AUROC 答えの有無 | AUROC 1 位の正しさ |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, summary in summaries:
        yield _line(name, *(f"{value:.3f}" for value in asdict(summary).values()))
    yield ""


def _reliability(decided: dict[str, list[Decision]]) -> Iterable[str]:
    spans = [f"{low:.1f}〜{high:.1f}" for low, high in pairwise(EDGES)]
    yield _line("", *spans)
    yield "| --- |" + " ---: |" * len(spans)
    for name, made in decided.items():
        cells = [f"{one.right:.2f} ({one.count})" if one.count else "–" for one in bins(made)]
        yield _line(name, *cells)
    yield ""


def _rankings(rows: list[Row]) -> Iterable[str]:
    yield "| 外したもの | P@1 | MRR | S@5 | nDCG@10 | P@1 の差の 95 % 区間 | MRR の差の 95 % 区間 |"
    yield "| --- | ---: | ---: | ---: | ---: | --- | --- |"
    for row in rows:
        intervals = [f"{low:+.3f} … {high:+.3f}" for low, high in row.against or ()]
        yield _line(row.name, *(f"{mean:.3f}" for mean in row.ranks.means), *intervals)
    yield ""


def _line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _quoted(figures: Figures, fingerprint: str) -> dict[str, Any]:
    names = ("p_at_1", "mrr", "s_at_5", "ndcg_at_10")
    return {
        "fingerprint": fingerprint,
        "rankings": {
            name: {
                row.name: dict(zip(names, (round(m, 6) for m in row.ranks.means), strict=True))
                for row in rows
            }
            for name, rows in figures.rankings.items()
        },
        "decisions": {
            name: {key: round(value, 6) for key, value in asdict(summary).items()}
            for name, summary in figures.summaries.items()
        },
        "kinds": {
            half: {name: asdict(kind) for name, kind in kinds.items()}
            for half, kinds in figures.kinds.items()
        },
        "overheard": asdict(figures.overheard) if figures.overheard else None,
        "tempted": figures.tempted,
    }
