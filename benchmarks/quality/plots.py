"""Plots of decisions, as SVG files that change only with their figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.quality.decisions import Decision, bins

FEWEST = 10
"""A bin with fewer queries says nothing."""


def risk_coverage(decided: Mapping[str, Sequence[Decision]], path: Path) -> None:
    """Draw how right answers would be if the surest share of all queries were answered."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name, made in decided.items():
        ordered = sorted(made, key=lambda decision: -decision.ranking.confidence)
        right = np.cumsum([decision.right for decision in ordered])
        count = np.arange(1, len(ordered) + 1)
        axes.plot(count[FEWEST:] / len(ordered), (right / count)[FEWEST:], label=name)
    axes.set(xlabel="share of queries answered", ylabel="share of answers right", ylim=(0, 1.02))
    _finish(figure, path)


def reliability(decided: Mapping[str, Sequence[Decision]], path: Path) -> None:
    """Draw how often the best hit is right at each confidence."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name, made in decided.items():
        drawn = [one for one in bins(made) if one.count >= FEWEST]
        axes.plot(
            [one.confidence for one in drawn],
            [one.right for one in drawn],
            marker="o",
            label=name,
        )
    axes.set(xlabel="confidence", ylabel="share of best hits right", ylim=(0, 1.02))
    _finish(figure, path)


def _finish(figure: Figure, path: Path) -> None:
    figure.axes[0].grid(alpha=0.3)
    figure.axes[0].legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "faqbot"}):
        figure.savefig(path, metadata={"Date": None})
