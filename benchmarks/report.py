"""docs/performance.md with its plots, and docs/performance.json."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.results import Plot, Section, Table, Target, as_markdown, machine

_VERSIONS = (
    "numpy", "sudachipy", "sudachidict-core", "rank-bm25", "rank-bm25-rs", "bm25s", "numba",
    "tantivy",
)  # fmt: skip


def write(
    folder: Path, sections: Sequence[Section], check: Mapping[str, float], texts: str
) -> None:
    """Write the report into a folder.

    Args:
        folder: Where ``performance.md`` and ``performance.json`` go; plots into ``performance/``.
        sections: What was measured.
        check: The ratios that later commits are compared with.
        texts: What the Japanese texts were made from.
    """
    targets = [target for section in sections for target in section.targets]
    parts = [_HEAD.format(machine=machine(), versions=_versions(), texts=texts), _summary(targets)]
    for section in sections:
        parts.append(f"## {section.title}")
        parts += section.notes
        parts += [as_markdown(table) for table in section.tables]
        for plot in section.plots:
            parts.append(f"![{plot.title}](performance/{plot.name}.svg)")
            _draw(plot, folder / "performance" / f"{plot.name}.svg")
    (folder / "performance.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    figures = {
        "check": {name: float(f"{ratio:.3g}") for name, ratio in check.items()},
        "targets": {target.what: float(f"{target.measured:.4g}") for target in targets},
    }
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    (folder / "performance.json").write_text(f"{text}\n", encoding="utf-8")


_HEAD = """# Speed

Written by `make bench` (`python -m benchmarks`); don't edit. What is compared is measured side by \
side, in turns, in one run, and the median of at least five rounds counts. The ratios say \
something; the times are this machine's.

Machine: {machine}. {versions}. Japanese texts: {texts}."""


def _summary(targets: Sequence[Target]) -> str:
    rows = tuple(
        (
            target.what,
            f"{target.measured:.3g}",
            ("≥ " if target.at_least else "≤ ") + f"{target.must:g}" if target.must else "",
            f"{target.aim:g}" if target.aim is not None else "",
            target.verdict,
        )
        for target in targets
    )
    return "## Targets\n\n" + as_markdown(Table(("what", "measured", "must", "aim", ""), rows))


def _draw(plot: Plot, path: Path) -> None:
    mpl.rcParams["svg.hashsalt"] = plot.name  # the same figures give the same file
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, costs in plot.series.items():
        ours = name == "ours"
        axes.plot(
            list(costs),
            list(costs.values()),
            marker="o",
            markersize=3,
            linewidth=2.5 if ours else 1.2,
            color="black" if ours else None,
            linestyle="--" if name == "C loop" else "-",
            label=name,
        )
    axes.set(xscale="log", yscale="log", xlabel="entries", ylabel=plot.cost, title=plot.title)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def _versions() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in _VERSIONS)
    return f"Python {platform.python_version()}, {libraries}"
