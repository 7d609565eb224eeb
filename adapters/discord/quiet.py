"""Keeps members' words and secrets out of the log, at any level.

discord.py writes whole payloads into its log lines while debugging, and addresses with a token in
them above that. What it says is reduced to where and what kind.
"""

import logging

import discord
import structlog


class _Reduced(logging.Handler):
    """Passes on that the library met something, but nothing of what it says about it."""

    def __init__(self) -> None:
        super().__init__()
        self._log = structlog.get_logger("faqbot.discord")

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        say = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        say(
            "discord library", where=f"{record.module}.{record.funcName}:{record.lineno}",
            error=kind.__name__ if kind else "",
        )  # fmt: skip


def library() -> None:
    """Reduce what discord.py logs."""
    logger = logging.getLogger("discord")
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    # Two libraries for voice are missing on purpose.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if not any(isinstance(each, _Reduced) for each in logger.handlers):
        logger.addHandler(_Reduced())
