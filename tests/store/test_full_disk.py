"""A full disk turns health red until a write has worked, however quiet it is (fault 121)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import create_engine, text

from bot.bootstrap import build
from bot.desk import offload, running
from bot.desk.desk import Desk, StoreError
from bot.settings import CoreSettings
from bot.store import Transaction
from tests.fakes.faq import FAQ
from tests.fakes.platform import MemoryPlatform
from tests.fakes.search import PairSearch
from tests.fakes.waiting import until
from tests.store.samples import question

pytestmark = pytest.mark.fault(71, 121)

LONG = "合成データ" * 3000
"""No page that is half free can take it."""
_TRIGGER = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON inbox
  FOR EACH ROW WHEN (length(NEW.payload) > 10000) EXECUTE FUNCTION full_disk()
"""
_FULL = {
    "sqlite": ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 100000"),
    "postgresql": (_TRIGGER, "DROP FUNCTION full_disk CASCADE"),
}


@pytest.fixture
async def desk(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(offload, "WATCH_EVERY", 0.1)
    monkeypatch.setattr(running, "IDLE", 0.05)
    desk = build(PairSearch(FAQ), CoreSettings(database_url=url))
    run = asyncio.create_task(desk.run({"memory": MemoryPlatform()}))
    yield desk
    run.cancel()
    await asyncio.wait([run])
    desk.close()


async def test_red_until_a_write_has_worked(desk: Desk, url: str) -> None:
    await until(lambda: desk.health().ok)
    full, empty = _FULL["sqlite" if url.startswith("sqlite") else "postgresql"]
    await _do(desk, full)
    with pytest.raises(StoreError):
        await desk.receive(question("1", LONG))
    for _ in range(20):  # the queues are looked at all the time, and that works
        await asyncio.sleep(0.05)
        assert desk.health().status == "failing"
    await _do(desk, empty)
    await until(lambda: desk.health().ok)
    # What was written to find out is taken away.
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM inbox")).scalar_one() == 0
    engine.dispose()
    assert await desk.receive(question("1", LONG))


async def _do(desk: Desk, statement: str) -> None:
    """Run a statement on the bot's own connection: SQLite's limit holds for one."""

    def work(tx: Transaction) -> None:
        tx._session.connection.exec_driver_sql(statement)

    await desk._offload.store(work)
