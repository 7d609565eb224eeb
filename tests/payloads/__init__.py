"""Payloads as the platforms send them, in files named after what they are."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def slack(name: str) -> dict[str, Any]:
    """Return one of Slack's payloads, fresh for changing it."""
    file = Path(__file__).parent / "slack" / f"{name}.json"
    payload: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return payload


@st.composite
def damaged(draw: st.DrawFn, names: Sequence[str]) -> dict[str, Any]:
    """Draw one of Slack's payloads with anything there may be in the place of one of its values."""
    body = slack(draw(st.sampled_from(names)))
    holder, key = draw(st.sampled_from(list(_slots(body))))
    holder[key] = draw(_JUNK)
    return body


def _slots(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _slots(inner)
