"""Pieces of a page. What is text comes in escaped; what comes out is HTML."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Draw a table: what a row is about, then cells; on a phone each cell with its column's name.

    Args:
        head: The columns' names.
        rows: As many cells each.
    """
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>'
        + "".join(
            f'<td data-name="{name}">{cell}</td>'
            for name, cell in zip(head[1:], cells, strict=True)
        )
        + "</tr>"
        for first, *cells in rows
    )
    return (
        f'<table class="texts">\n<thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'
    )


def counts(
    head: Sequence[str], rows: Iterable[tuple[str, Sequence[str | int], int]], most: int
) -> str:
    """Draw a table of figures, each row with a bar.

    Args:
        head: The columns' names, but for that of the bar.
        rows: What a row is about, its figures, and the one that the bar shows.
        most: What a bar of full length stands for.
    """
    names = f'<th scope="col">{head[0]}</th>' + "".join(
        f'<th scope="col" class="n">{name}</th>' for name in head[1:]
    )
    body = "\n".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f'<td class="n">{figure}</td>' for figure in figures)
        + f'<td class="bar">{_bar(shown, most)}</td></tr>'
        for name, figures, shown in rows
    )
    return (
        f'<table>\n<thead><tr>{names}<td class="bar"></td></tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table>"
    )


def chart(name: str, pillars: Sequence[tuple[str, int, int]]) -> str:
    """Draw pillars side by side.

    Args:
        name: What they show.
        pillars: The name of each, its height, and how much of it is dark.
    """
    most = max(height for _, height, _ in pillars)
    drawn = "".join(
        f"<g><title>{title}</title>"
        f'<rect class="weak" x="{x}.1" y="{most - height}" width=".8" height="{height}"/>'
        f'<rect class="strong" x="{x}.1" y="{most - dark}" width=".8" height="{dark}"/></g>'
        for x, (title, height, dark) in enumerate(pillars)
    )
    return (
        f'<svg class="chart" role="img" aria-label="{name}" preserveAspectRatio="none" '
        f'viewBox="0 0 {len(pillars)} {most}">{drawn}</svg>'
    )


def _bar(figure: int, most: int) -> str:
    width = round(100 * figure / most, 1) if most else 0
    return (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="strong" width="{width}" height="10"/></svg>'
    )
