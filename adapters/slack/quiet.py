"""Keeps members' words and secrets out of the log, at any level.

Slack's libraries write whole messages, ``response_url`` and Socket Mode tickets into their log
lines: at DEBUG on purpose, above it within errors. What they say is reduced to where and what kind.
"""

import logging

import structlog

_LIBRARIES = ("slack_bolt", "slack_sdk")


class _Reduced(logging.Handler):
    """Passes on that a library met an error, but nothing of what it says about it."""

    def __init__(self) -> None:
        super().__init__()
        self._log = structlog.get_logger("faqbot.slack")

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        self._log.error(
            "slack library", where=f"{record.module}.{record.funcName}:{record.lineno}",
            error=kind.__name__ if kind else "",
        )  # fmt: skip


def libraries() -> logging.Logger:
    """Reduce what Slack's libraries log; return the logger to hand to them.

    Bolt copies that logger's level and handlers to each of its own, so it has no handler itself:
    what it says goes up to the one at the top.
    """
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.ERROR)
        logger.propagate = False
        logger.handlers = [_Reduced()]
    handed = logging.getLogger("slack_bolt.handed")
    handed.setLevel(logging.ERROR)
    return handed
