"""The app's manifest: what it is allowed to do, in one place."""

from importlib import resources
from typing import Any

import yaml


def manifest() -> dict[str, Any]:
    """Read ``manifest.yaml``, which operators paste into Slack."""
    text = (resources.files("adapters.slack") / "manifest.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def scopes() -> frozenset[str]:
    """Return the scopes that the bot's token needs."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
