"""Keeps members' words and secrets out of the log, at any level.

Slack's libraries write whole messages, ``response_url`` and Socket Mode tickets into their log
lines: at DEBUG on purpose, above it within errors.
"""

import logging

from bot.telemetry.log import withhold


def libraries() -> logging.Logger:
    """Withhold what Slack's libraries log; return the logger to hand to them.

    Bolt copies that logger's level and handlers to each of its own, so it has no handler itself:
    what it says goes up to the one at the top.
    """
    withhold("slack_bolt", "slack_sdk", level=logging.ERROR)
    handed = logging.getLogger("slack_bolt.handed")
    handed.setLevel(logging.ERROR)
    return handed
