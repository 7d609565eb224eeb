"""What a platform's library logs, reduced to where and what kind: its words may be members'."""

import logging

from bot.telemetry.log import EventLogger


class Reduced(logging.Handler):
    """Passes on that a library met something, but nothing of what it says about it.

    Args:
        platform: Whose library it is.
    """

    def __init__(self, platform: str) -> None:
        super().__init__()
        self._event = f"{platform} library"
        self._log = EventLogger(f"faqbot.{platform}")

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record's place and the kind of its error."""
        kind = record.exc_info[0] if record.exc_info else None
        say = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        say(
            self._event, where=f"{record.module}.{record.funcName}:{record.lineno}",
            error=kind.__name__ if kind else "",
        )  # fmt: skip
