"""Log lines: one for each question, and none with a token or with members' words in it."""

import logging
import re
import sys
import traceback
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from bot.errors import FaqbotError

OURS = "faqbot"
"""Root of our loggers' names. Libraries are all the others."""

# What must never be written: tokens, one-time tickets, addresses that let one answer in the bot's
# name, and the words of messages within payloads that a library quotes.
_SECRETS = (
    (re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+"), "[token]"),
    (re.compile(r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"), "[token]"),
    (re.compile(r"(?i)\b(bot|bearer) [\w.-]{8,}"), r"\1 [token]"),
    (re.compile(r"(?i)\b(ticket=)[^&\s'\"]+"), r"\1[ticket]"),
    (re.compile(r"https://hooks\.slack\.com/[^\s'\"]+"), "[response_url]"),
    (re.compile(r"/(webhooks|interactions)/(\d+)/[\w-]+"), r"/\1/\2/[token]"),
    (re.compile(r"(//[^/\s:@]*:)[^/\s@]+@"), r"\1[password]@"),
    (re.compile(r"""(['"](?:text|content|value|topic)['"]: ?)(['"])(?:\\.|(?!\2).)*\2"""),
     r"\1\2[text]\2"),
)  # fmt: skip


def redact(text: str) -> str:
    """Return the text without tokens, tickets, private addresses and quoted message texts."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class Withhold(logging.Filter):
    """Withholds what libraries say while debugging; which line of which file spoke is kept.

    Those lines hold whole payloads, in more shapes than patterns can find. It belongs on a
    handler: a logger's filter doesn't see what comes up from the loggers below it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; keep it."""
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        if not ours and record.levelno <= logging.DEBUG:
            record.msg = f"debug line withheld ({record.filename}:{record.lineno})"
            record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
        return True


def configure(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Set up logging for the process: key=value on a terminal, JSON lines elsewhere.

    Args:
        level: The least level that is written.
        stream: Where to; standard error by default.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event"))
        if stream.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(Withhold())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(_traceback),
                _redacted,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _traceback(exc_info: ExcInfo) -> str:
    """Say which exceptions came from where, but not what they say: that may quote a member.

    Ours alone are quoted; they are written for the operator.
    """
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        says = f": {error}" if isinstance(error, FaqbotError) else ""
        lines = [
            *traceback.format_tb(error.__traceback__),
            f"{type(error).__name__}{says}\n",
            *lines,
        ]
        error = error.__cause__
    return "".join(lines)


def _redacted(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}
