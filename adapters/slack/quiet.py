"""Keeps members' words and secrets out of the log, at any level.

Slack's libraries write whole messages, ``response_url`` and Socket Mode tickets into their log
lines: at DEBUG on purpose, above it within errors. What they say is reduced to where and what kind.
"""

import logging

from adapters.common.quiet import Reduced

_LIBRARIES = ("slack_bolt", "slack_sdk")


def libraries() -> logging.Logger:
    """Reduce what Slack's libraries log; return the logger to hand to them.

    Bolt copies that logger's level and handlers to each of its own, so it has no handler itself:
    what it says goes up to the one at the top.
    """
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.ERROR)
        logger.propagate = False
        logger.handlers = [Reduced("slack")]
    handed = logging.getLogger("slack_bolt.handed")
    handed.setLevel(logging.ERROR)
    return handed
