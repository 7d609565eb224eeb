"""The app's manifest: what it is allowed to do, in one place."""

from functools import cache
from importlib import resources
from typing import Any


def manifest() -> dict[str, Any]:
    """Read ``manifest.yaml``, which operators paste into Slack."""
    import yaml  # 7 ms: time enough when Slack has answered

    text = (resources.files("adapters.slack") / "manifest.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def lacking(granted: str | None) -> tuple[str, ...]:
    """Return the scopes that a token lacks.

    Args:
        granted: The header ``x-oauth-scopes`` of any answer; None where Slack doesn't tell.
    """
    if granted is None:
        return ()
    return tuple(sorted(scopes() - {each.strip() for each in granted.split(",")}))


@cache
def scopes() -> frozenset[str]:
    """Return the scopes that the bot's token needs."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
