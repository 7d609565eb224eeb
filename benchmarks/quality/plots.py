"""Plots of decisions, as SVG files that change only with their figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.quality.decisions import Decision, bins

FEWEST = 10
"""A bin with fewer queries says nothing."""


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
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "faqbot"}):
        figure.savefig(path, metadata={"Date": None})
