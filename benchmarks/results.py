"""What a benchmark hands over: tables, plots, and how far each target is met."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report; its cells are text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio measured side by side, and what it must be.

    Attributes:
        what: What is compared with what.
        measured: The ratio.
        must: The bound that has to hold; 0 where there is only an aim.
        aim: The bound that would be good; None where the must is all there is.
        at_least: The ratio has to reach the bound; False: it has to stay below.
    """

    what: str
    measured: float
    must: float
    aim: float | None = None
    at_least: bool = False

    def meets(self, bound: float) -> bool:
        """Say whether the measured ratio keeps a bound."""
        return self.measured >= bound if self.at_least else self.measured <= bound

    @property
    def verdict(self) -> str:
        """How far it is met, in two words."""
        if self.aim is not None and self.meets(self.aim):
            return "aim met"
        if not self.must:
            return "aim missed"
        if not self.meets(self.must):
            return "**missed**"
        return "met" if self.aim is None else "must met"


@dataclass(frozen=True, slots=True)
class Plot:
    """Cost against size, both axes logarithmic.

    Attributes:
        name: File name without the suffix.
        title: Above the plot.
        cost: What the vertical axis shows.
        series: For each engine, cost by number of entries.
    """

    name: str
    title: str
    cost: str
    series: Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark's part of the report.

    Attributes:
        title: Its heading.
        notes: Paragraphs below the heading.
        tables: What was measured.
        targets: What was asked for.
        plots: Pictures of it.
    """

    title: str
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    targets: tuple[Target, ...] = ()
    plots: tuple[Plot, ...] = field(default=())


def as_markdown(table: Table) -> str:
    """Write a table as Markdown."""
    rule = ["---", *["--:"] * (len(table.header) - 1)]
    lines = (table.header, rule, *table.rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """Name the machine: its processor, how many there are, its system."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} processors, {platform.system()}"
