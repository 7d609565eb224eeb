"""No message, token, ticket or private address reaches the log, at any level."""

import io
import logging
from collections.abc import Iterator

import pytest

from bot.telemetry import log
from tests.fakes.slack_api import APP_TOKEN, BOT, BOT_TOKEN, SECRET, Fault
from tests.platforms.slack_bench import bench

MARKER = "合言葉ノ印"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Log everything, as a process does with DEBUG on."""
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()
    log.configure(logging.DEBUG, stream)
    yield stream
    root.handlers, root.level = before


@pytest.mark.fault(92)
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_nothing_private_is_logged_on_any_path(mode: str, written: io.StringIO) -> None:
    async with bench(mode) as slack:
        fake, desk = slack.fake, slack.desk
        fake.ack_wait, fake.retry_waits = 0.3, []
        fake.names["U0AKEMI"] = MARKER
        said = await fake.says("U0AKEMI", f"<@{BOT}> {MARKER}")
        await fake.edits(said, f"{MARKER}2")
        await fake.commands("U0AKEMI", MARKER)
        await fake.commands("U0AKEMI", "watch on")
        await fake.uses_shortcut("U0AKEMI", said)
        await fake.event({"type": "reaction_added", "user": "U0AKEMI", "text": MARKER})
        await fake.event({"type": "message", "user": {"name": MARKER}, "text": MARKER})
        await fake.opens_home("U0AKEMI")
        fake.fail("views.open", Fault(error="invalid_arguments"))
        await fake.presses_at_home("U0AKEMI", "home:open")
        fake.fail("users.info", Fault(cut=True))
        await fake.commands("U0AKEMI", "watch off")
        await fake.submits("U0AKEMI", {"callback_id": "faq:form", "type": "modal", "id": "V1",
                                       "private_metadata": MARKER}, MARKER)  # fmt: skip
        desk.broken = True
        await fake.says("U0AKEMI", f"<@{BOT}> {MARKER}")
        await fake.commands("U0AKEMI", MARKER)
        desk.broken = False
        desk.receive = _broken  # type: ignore[method-assign]
        await fake.says("U0AKEMI", f"<@{BOT}> {MARKER}")
        if mode == "socket":
            fake.link_down = True
            await fake.disconnect("refresh_requested")
            await fake.until(lambda: desk.ok("slack") is False)
            fake.link_down = False
            await fake.connected()
    lines = written.getvalue()
    assert "listener failed" in lines
    assert "not saved, so not acknowledged" in lines
    found = [each for each in (MARKER, BOT_TOKEN, APP_TOKEN, SECRET, "ticket=", "/respond/")
             if each in lines]  # fmt: skip
    assert found == []


async def _broken(item: object) -> bool:
    raise RuntimeError(f"a fault that quotes {item!r} and {MARKER}")
