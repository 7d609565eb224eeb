"""The README's pictures show what the product says today."""

import json

from scripts.pictures import LARGEST, PICTURES, SAID, Sources, html


def test_the_pictures_are_not_stale() -> None:
    """Run ``make pictures`` after a change of what is said, or of how it is drawn."""
    sources = Sources()

    assert sources.said() == json.loads(SAID.read_text(encoding="utf-8"))
    assert [f"{name}.png" for name in sorted(html(sources))] == sorted(
        path.name for path in PICTURES.glob("*.png")
    )


def test_the_pictures_are_small() -> None:
    assert max(path.stat().st_size for path in PICTURES.glob("*.png")) <= LARGEST
