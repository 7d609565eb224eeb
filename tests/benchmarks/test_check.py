"""The regression check compares ratios with recorded ones, with a wide margin."""

import json
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from benchmarks import check, engines, timing
from benchmarks.corpora import corpus, queries, zipf_pool
from benchmarks.results import Target
from benchmarks.timing import interleave
from bot.search.bm25 import PostingsBM25

RECORDED = {"search": 0.01, "ask": 8.0}


def test_a_ratio_within_the_margin_is_no_regression() -> None:
    assert [] == check.worse({"search": 0.019, "ask": 4.0}, RECORDED)


def test_a_ratio_beyond_the_margin_is_named_with_both_figures() -> None:
    (line,) = check.worse({"search": 0.03, "ask": 8.0}, RECORDED)

    assert "search: 0.03, recorded 0.01, 3.0 times as much" == line


def test_a_ratio_that_is_not_recorded_is_an_error_not_a_pass() -> None:
    assert ["new: 1, not recorded"] == check.worse({"new": 1.0}, RECORDED)


def test_the_check_fails_only_if_it_is_worse_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "performance.json"
    path.write_text(json.dumps({"check": RECORDED}), encoding="utf-8")
    measured = iter([{"search": 0.03}, {"search": 0.01}, *[{"search": 0.03}] * check.TRIES])
    monkeypatch.setattr(check, "ratios", lambda: next(measured))

    assert 0 == check.run(path)
    assert 1 == check.run(path)
    assert "make bench" in capsys.readouterr().out


def test_a_share_is_measured_in_the_rounds_that_nothing_disturbed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By a clock that goes on by what the work says, and much further in most rounds."""
    now, disturbances = [0.0], cycle([7.0, 0.0, 90.0, 2.0, 31.0])
    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])

    def taking(seconds: float) -> Callable[[int], None]:
        def work(_given: int) -> None:
            now[0] += seconds + next(disturbances)

        return work

    assert 3.0 == check.share(taking(0.75), taking(0.25), [1, 2])
    assert 3.0 != interleave({"a": taking(0.75), "b": taking(0.25)}, [1, 2]).ratio("a", to="b")


@pytest.mark.parametrize(
    ("measured", "verdict"), [(1.0, "aim met"), (2.0, "must met"), (3.0, "**missed**")]
)
def test_a_target_says_how_far_it_is_met(measured: float, verdict: str) -> None:
    assert verdict == Target("cost", measured, must=2.5, aim=1.5).verdict
    assert verdict == Target("gain", 1 / measured, 1 / 2.5, 1 / 1.5, at_least=True).verdict


def test_a_target_without_a_must_is_never_missed() -> None:
    assert "aim missed" == Target("gain", 0.5, must=0, aim=1, at_least=True).verdict
    assert "aim met" == Target("gain", 1.5, must=0, aim=1, at_least=True).verdict


def test_contenders_are_given_the_same_inputs_in_turn() -> None:
    turns: list[tuple[str, int]] = []
    contenders = {name: lambda given, name=name: turns.append((name, given)) for name in "ab"}

    timed = interleave(contenders, [1, 2], rounds=1)

    assert [("a", 1), ("b", 1), ("a", 2), ("b", 2)] == turns[-4:]
    assert {0, 1} == timed.seconds["a"].keys()
    interleave(contenders, [1, 2], rounds=1, in_blocks=True)
    assert [("a", 1), ("a", 2), ("b", 1), ("b", 2)] == turns[-4:]


@pytest.mark.skipif(not engines.available("C loop"), reason="there is no C compiler")
def test_the_c_loop_finds_what_the_scores_say() -> None:
    drawn = corpus(300, zipf_pool(), queries=20)
    search, field = engines.c_loop(drawn.questions), PostingsBM25(drawn.questions)

    for terms in drawn.queries:
        scores = field.get_scores(terms).tolist()
        best = sorted(range(300), key=lambda at: (-scores[at], at))[: engines.LIMIT]
        assert [(at, pytest.approx(scores[at])) for at in best] == search(terms)


def test_what_is_drawn_is_the_same_each_time() -> None:
    pool = zipf_pool()

    assert corpus(20, pool, queries=3) == corpus(20, pool, queries=3)
    assert pool == zipf_pool()
    assert [20] * 3 == [len(text) for text in queries(20, ["合成データは使っていますか。"], 3)]
