"""What the log holds, and what never gets into it."""

import asyncio
import gc
import io
import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.errors import FaqbotError
from bot.telemetry.log import EventLogger, configure, redact, withhold

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """Leave the process' logging as it was."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield
    root.handlers, root.level = before


@pytest.fixture
def lines() -> Lines:
    """Log at DEBUG into memory; return what was written so far."""
    stream = io.StringIO()
    configure(logging.DEBUG, stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_off_a_terminal(lines: Lines) -> None:
    EventLogger("faqbot.question").info("question", outcome="answer", confidence=0.9)
    (line,) = lines()
    assert {"event": "question", "outcome": "answer", "confidence": 0.9, "level": "info"} == {
        key: line[key] for key in ("event", "outcome", "confidence", "level")
    }


def test_a_line_is_plain_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    configure(logging.INFO, terminal)
    EventLogger("faqbot.store").error("store refuses", problem='disk "full"', row=3, remedy="")
    EventLogger("faqbot.process").info("serving", platforms=["discord", "slack"])
    logging.getLogger("chatty").warning("slow")
    try:
        int("a question")
    except ValueError as error:
        EventLogger("faqbot.workers").error("failed", error)
    ours, serving, library, failed, *trace = terminal.getvalue().splitlines()
    assert ours.split(" ", 1)[1] == (
        'ERROR   store refuses problem="disk \\"full\\"" row=3 remedy=""'
    )
    assert serving.endswith(" INFO    serving platforms=discord,slack")
    assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING chatty: slow", library)
    assert failed.endswith(" ERROR   failed")
    assert "test_log.py" in trace[0]
    assert trace[-1] == "ValueError"


@pytest.mark.fault(92)
def test_debug_lines_of_libraries_are_withheld(lines: Lines) -> None:
    """For every library; of a platform's own not even errors are quoted."""
    logging.getLogger("chatty").debug("body: {'text': '%s'}", "内緒の質問")
    logging.getLogger("chatty.gateway").debug("内緒の質問 %s", {"content": "内緒"})
    texts = [str(line["event"]) for line in lines()]
    assert all(text.startswith("debug line withheld (test_log.py:") for text in texts)
    assert len(texts) == 2


@pytest.mark.fault(92)
def test_of_a_platforms_library_nothing_is_written_but_that_it_spoke_where_and_of_what(
    lines: Lines,
) -> None:
    withhold("platform", level=logging.WARNING)
    logging.getLogger("platform.http").info("内緒")
    try:
        raise ValueError("内緒")
    except ValueError:
        logging.getLogger("platform.gateway").exception("内緒 %s", "内緒")
    (line,) = lines()
    assert "error" == line["level"]
    assert "exception" not in line
    said = r"error line withheld \(test_log\.py:\d+, ValueError\)"
    assert re.fullmatch(said, str(line["event"]))


@pytest.mark.fault(92)
def test_errors_of_libraries_are_written_without_members_words(lines: Lines) -> None:
    logger = logging.getLogger("chatty")
    try:
        raise ValueError("refused: {'ok': False, 'text': '内緒 \\'の\\'', 'token': 'xoxb-1-abc'}")
    except ValueError:
        logger.exception("failed for %s", "https://hooks.slack.com/commands/T1/2/abc")
    (line,) = lines()
    assert "ValueError" in str(line["exception"])
    assert not any(
        secret in json.dumps(line, ensure_ascii=False) for secret in ("内緒", "xoxb", "hooks")
    )


@pytest.mark.fault(92)
def test_a_traceback_says_where_but_quotes_nobody(lines: Lines) -> None:
    """P7: what an exception says, and the variables around it, may hold a member's words."""
    question = "内緒の質問"
    try:
        int(question)
    except ValueError as error:
        EventLogger("faqbot.workers").error("failed", error)
    (line,) = lines()
    assert "内緒" not in json.dumps(line, ensure_ascii=False).replace('question = "内緒の質問"', "")
    assert "int(question)\nValueError\n" in str(line["exception"])


@pytest.mark.fault(92)
def test_what_asyncio_tells_of_a_task_that_died_quotes_nobody(lines: Lines) -> None:
    """It repeats what was raised, and what a callback was called with; where stays."""

    async def die(question: str) -> None:
        int(question)

    async def lose_two() -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(die("内緒の質問"))
        loop.call_soon(int, "内緒の質問")
        await asyncio.sleep(0.01)
        del task
        gc.collect()

    asyncio.run(lose_two())
    found = (line for line in lines() if line["level"] == "error")
    called, died = sorted(found, key=lambda line: str(line["event"]))
    assert "内緒" not in json.dumps([called, died], ensure_ascii=False)
    assert "Exception in callback int" == called["event"]
    assert "Task exception was never retrieved" == died["event"]
    assert "int(question)\nValueError\n" in str(died["exception"])


def test_our_own_errors_are_quoted_with_what_caused_them(lines: Lines) -> None:
    try:
        try:
            raise OSError("内緒")
        except OSError as error:
            raise FaqbotError("The disk is full.", "Make room.") from error
    except FaqbotError as error:
        EventLogger("faqbot.store").error("failed", error)
    (line,) = lines()
    where = str(line["exception"])
    assert "OSError\n" in where
    assert "FaqbotError: The disk is full. Make room.\n" in where


@pytest.mark.fault(92)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xoxb-123-456-abcDEF and xapp-1-A0-1-f00", "[token] and [token]"),
        ("Authorization: Bot abcdefgh.ijk.lmn", "Authorization: Bot [token]"),
        (
            "wss://wss.example/link/?ticket=1-2-3&app_id=4",
            "wss://wss.example/link/?ticket=[ticket]&app_id=4",
        ),
        ("POST /webhooks/123/aW50ZXJhY3Rpb24/messages", "POST /webhooks/123/[token]/messages"),
        ("postgresql+psycopg://faq:hunter2@db/faq", "postgresql+psycopg://faq:[password]@db/faq"),
        ("//faq:hun/te@r2@[::1]/faq", "//faq:[password]@[::1]/faq"),
        ('{"text": "a \\"b\\" c", "ts": "1.2"}', '{"text": "[text]", "ts": "1.2"}'),
        ("nothing to hide: channel C012, ask 01k", "nothing to hide: channel C012, ask 01k"),
    ],
)
def test_secrets_are_replaced(text: str, expected: str) -> None:
    assert expected == redact(text)


@pytest.mark.fault(92)
def test_a_token_of_discord_is_replaced() -> None:
    token = ".".join(("M" * 24, "abcdef", "x" * 38))
    assert redact(f"login with {token}") == "login with [token]"


@pytest.mark.fault(84)
def test_a_full_disk_for_the_log_harms_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    full = Path("/dev/full").open("w", buffering=1)  # noqa: SIM115  # closing it fails
    configure(logging.INFO, full)
    EventLogger("faqbot.question").info("question", outcome="answer")
    with pytest.raises(OSError, match="No space left"):
        full.close()
    assert "No space left" in capfd.readouterr().err


@pytest.mark.fault(84)
def test_a_closed_log_pipe_harms_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    pipe = os.fdopen(writer, "w", buffering=1)
    configure(logging.INFO, pipe)
    EventLogger("faqbot.question").info("question", outcome="answer")
    with pytest.raises(BrokenPipeError):
        pipe.close()
    assert "BrokenPipeError" in capfd.readouterr().err
