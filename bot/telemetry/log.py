"""Log lines: one for each question, and none with a token or with members' words in it."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TextIO

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
    (re.compile(r"(//[^/\s:@]*:)\S+@"), r"\1[password]@"),
    (re.compile(r"""(['"](?:text|content|value|topic)['"]: ?)(['"])(?:\\.|(?!\2).)*\2"""),
     r"\1\2[text]\2"),
)  # fmt: skip


def redact(text: str) -> str:
    """Return the text without tokens, tickets, private addresses and quoted message texts."""
    if text.isalnum():  # a word, or an id of ours: in each of them is a sign that is no letter
        return text
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class Withhold(logging.Filter):
    """Withholds what libraries say; which line of which file spoke, and of what error, is kept.

    Their lines hold whole payloads, in more shapes than patterns can find. It belongs on a
    handler: a logger's filter doesn't see what comes up from the loggers below it.

    Args:
        level: The highest level at which words are withheld.
    """

    def __init__(self, level: int) -> None:
        super().__init__()
        self._level = level

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; keep it."""
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        if not ours and record.levelno <= self._level:
            kind = record.exc_info[0] if record.exc_info else None
            error = f", {kind.__name__}" if kind else ""
            level = record.levelname.lower()
            record.msg = f"{level} line withheld ({record.filename}:{record.lineno}{error})"
            record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
        return True


class _Upward(logging.Handler):
    """Hands what it gets to the handlers at the root, or to the one of last resort."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger().handle(record)


def withhold(*libraries: str, level: int) -> None:
    """Withhold what libraries say at any level, errors too: a chat platform's quote its members.

    Args:
        libraries: The names of their topmost loggers.
        level: The least level at which it is written that they spoke.
    """
    for name in libraries:
        handler = _Upward()
        handler.addFilter(Withhold(logging.CRITICAL))
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.propagate = False
        logger.handlers = [handler]


class EventLogger:
    """Logs an event with its values: ``log.info("question", outcome="answer")``.

    Args:
        name: Begins with ``faqbot.``.
    """

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, /, **values: object) -> None:
        """Log what only helps to find a fault."""
        self._logger.debug(event, extra={"values": values})

    def info(self, event: str, /, **values: object) -> None:
        """Log what goes well."""
        self._logger.info(event, extra={"values": values})

    def warning(self, event: str, /, **values: object) -> None:
        """Log what mends itself."""
        self._logger.warning(event, extra={"values": values})

    def error(self, event: str, raised: BaseException | None = None, /, **values: object) -> None:
        """Log what an operator should see to; with an exception, where it was raised."""
        self._logger.error(event, exc_info=raised, extra={"values": values})


class LineFormatter(logging.Formatter):
    """Makes a record one line, without secrets.

    Args:
        render: Writes the keys and values.
    """

    def __init__(self, render: Callable[[Mapping[str, object]], str]) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        """Write the time, the level, what happened and with which values, and who says so."""
        told: dict[str, object] = {"event": _event(record), **getattr(record, "values", {})}
        if record.exc_info and record.exc_info[1]:
            told["exception"] = _traceback(record.exc_info[1])
        safe = {key: redact(each) if isinstance(each, str) else each for key, each in told.items()}
        return self._render(
            {
                "timestamp": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
                "level": record.levelname.lower(),
                **safe,
                "logger": record.name,
            }
        )


def configure(level: int | str = logging.INFO, stream: TextIO | None = None) -> None:
    """Set up logging for the process: plain lines on a terminal, JSON lines elsewhere.

    Args:
        level: The least level that is written, or its name.
        stream: Where to; standard error by default.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.addFilter(Withhold(logging.DEBUG))
    handler.setFormatter(LineFormatter(_plain if stream.isatty() else _json))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # It tells each step at INFO; that the database was upgraded, the store says in one line.
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _json(line: Mapping[str, object]) -> str:
    return json.dumps(line, ensure_ascii=False, default=str)


def _plain(line: Mapping[str, object]) -> str:
    """Write for who watches: the time here, the level, the event, then its values."""
    rest = dict(line)
    at = datetime.fromisoformat(str(rest.pop("timestamp"))).astimezone()
    level, event, logger = (str(rest.pop(key)) for key in ("level", "event", "logger"))
    trace = str(rest.pop("exception", ""))
    who = "" if logger.startswith(OURS) else f"{logger}: "
    values = "".join(f" {key}={_quoted(value)}" for key, value in rest.items())
    return f"{at:%H:%M:%S} {level.upper():<7} {who}{event}{values}\n{trace}".rstrip()


def _quoted(value: object) -> str:
    """Write a value; quote one that wouldn't be seen as one."""
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if re.fullmatch(r'[^\s"=]+', text) else json.dumps(text, ensure_ascii=False)


def _event(record: logging.LogRecord) -> str:
    """Return what happened.

    Of asyncio's lines that is how each begins. Behind that it repeats what a task raised or
    returned, and what a callback was called with: it may be a member's words.
    """
    said = record.getMessage()
    if record.name != "asyncio":
        return said
    return re.split(r"[(\n]" if record.exc_info else r"\n", said, maxsplit=1)[0]


def _traceback(raised: BaseException) -> str:
    """Say which exceptions came from where, but not what they say: that may quote a member.

    Ours alone are quoted; they are written for the operator.
    """
    lines: list[str] = []
    error: BaseException | None = raised
    while error is not None:
        says = f": {error}" if isinstance(error, FaqbotError) else ""
        lines = [
            *traceback.format_tb(error.__traceback__),
            f"{type(error).__name__}{says}\n",
            *lines,
        ]
        error = error.__cause__
    return "".join(lines)
