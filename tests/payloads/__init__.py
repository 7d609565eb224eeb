"""Payloads as the platforms send them, in files named after what they are."""

import json
from pathlib import Path
from typing import Any


def slack(name: str) -> dict[str, Any]:
    """Return one of Slack's payloads, fresh for changing it."""
    file = Path(__file__).parent / "slack" / f"{name}.json"
    payload: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return payload
