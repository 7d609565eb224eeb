"""A database's clock that is set while the bot runs: only time that went by counts."""

import asyncio
import itertools
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine

from bot.bootstrap import build
from bot.domain.inbound import MessageRef, Person, Place, Question
from bot.domain.ports import Unreachable
from bot.settings import CoreSettings
from bot.store import Database
from bot.store.schema import CLOCK, Clock, Jump, Session
from tests.fakes.faq import FAQ, SYNTHETIC
from tests.fakes.platform import MemoryPlatform
from tests.fakes.search import PairSearch
from tests.fakes.waiting import at_rest, until
from tests.store.samples import accept, outgoing, question

pytestmark = pytest.mark.fault(77, 124)

HOUR = 3600.0
Setting = Callable[[float], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Setting:
    """Set both stores' clocks so many seconds from what they show."""
    shown = dict(CLOCK)

    def set_(seconds: float) -> None:
        for name, statement in shown.items():
            monkeypatch.setitem(CLOCK, name, f"{statement} + {seconds}")

    return set_


@pytest.mark.fault(124)
@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_a_question_is_no_older_for_it(
    database: Database, set_clock: Setting, seconds: float
) -> None:
    accept(database, question())
    (before,) = database.transact(lambda tx: tx.inbox.claim("one", 9))
    set_clock(seconds)
    (after,) = database.transact(lambda tx: tx.inbox.claim("two", 9))
    assert before.age == pytest.approx(0, abs=5)
    assert after.age == pytest.approx(0, abs=5)
    assert after.received_at == pytest.approx(before.received_at, abs=1)


@pytest.mark.fault(124)
@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
def test_a_card_is_no_older_and_was_sent_no_longer_ago(
    database: Database, set_clock: Setting, seconds: float
) -> None:
    """A claim may run out too early, but then nothing is sent while the first may be in flight."""
    database.transact(lambda tx: tx.outbox.add(outgoing("o1"), ask="a1", once="once"))
    database.transact(lambda tx: tx.outbox.claim("one", 9, 60))
    set_clock(seconds)
    (again,) = database.transact(lambda tx: tx.outbox.claim("two", 9, 60))
    assert again.age == pytest.approx(0, abs=5)
    assert again.tried == pytest.approx(0, abs=5)


@pytest.mark.fault(124)
@pytest.mark.parametrize("fault", [None, Unreachable("memory", "503")])
async def test_what_waits_is_answered_and_posted(
    url: str, set_clock: Setting, fault: Exception | None
) -> None:
    platform = MemoryPlatform()
    desk = build(PairSearch(FAQ), CoreSettings(database_url=url), in_flight=0.2)
    place = Place("memory", "W", "general", thread="1")
    asked = Question(MessageRef(place, "1"), Person("明美"), "合成データは使っていますか")
    await desk.receive(asked)
    if fault is None:
        set_clock(HOUR + 60)
    else:
        platform.faults.extend([fault] * 3)  # also after the jump
    running = asyncio.create_task(desk.run({"memory": platform}))
    await until(lambda: fault is None or platform.sends)
    set_clock(HOUR + 60)
    await until(lambda: platform.posted)
    await at_rest(desk)
    running.cancel()
    await asyncio.wait([running])
    desk.close()
    (posted,) = platform.posted
    assert any(SYNTHETIC.answer == getattr(part, "text", "") for part in posted.card.parts)


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
async def test_replicas_at_work_while_it_jumps_answer_each_question_once(
    replicated_url: str, set_clock: Setting, seconds: float
) -> None:
    """What one of them has claimed looks free to the other: it is fenced, or looked for."""
    platform = MemoryPlatform()
    platform.delay = 0.2
    core = CoreSettings(database_url=replicated_url)
    desks = [build(PairSearch(FAQ), core, in_flight=1) for _ in range(2)]
    running = [asyncio.create_task(desk.run({"memory": platform})) for desk in desks]
    for number in range(30):
        place = Place("memory", "W", f"channel {number % 9}", thread=str(number))
        ref, asker = MessageRef(place, str(number)), Person(f"{number}")
        await desks[number % 2].receive(Question(ref, asker, "合成データは使っていますか"))
        if number == 15:
            await asyncio.sleep(0.1)  # some are being sent
            set_clock(seconds)
    await at_rest(desks[0])
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    for desk in desks:
        desk.close()
    assert list(range(30)) == sorted(int(each.place.thread or 0) for each in platform.posted)
    assert all(SYNTHETIC.answer in str(each.card) for each in platform.posted)


@pytest.mark.parametrize(("reading_takes", "jumps"), [(0.1, 1), (30.0, 0)])
def test_a_jump_is_seen_only_by_a_quick_reading(
    set_clock: Setting, monkeypatch: pytest.MonkeyPatch, reading_takes: float, jumps: int
) -> None:
    """A server that hangs, or a process that was stopped: the two clocks can't be compared."""
    own = itertools.count(1000.0, reading_takes)
    engine, clock = create_engine("sqlite://"), Clock()
    monkeypatch.setattr("bot.store.schema.time.monotonic", lambda: next(own))
    with engine.connect() as connection:
        clock.begin(connection)
        set_clock(HOUR)
        session = clock.begin(connection)
    engine.dispose()
    assert jumps == len(session.jumps)


def test_a_moment_that_another_replica_stamped_before_this_one_saw_the_jump_is_no_earlier() -> None:
    """Set ahead or put back by an hour, which this one sees 5 s later than the other one."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        ahead = Session(connection, 3_710, (Jump(at=3_705, by=3_600),))
        back = Session(connection, 9_010, (Jump(at=9_005, by=-3_600),))
        found = [ahead.since(3_702), ahead.since(104), back.since(9_002), back.since(12_604)]
    engine.dispose()
    assert [8, 6, 8, 6] == found


def test_each_jump_since_the_moment_is_taken_off() -> None:
    """At 100 set to 3,700; at 3,720 put back to 1,000; now it is 1,010."""
    jumps = (Jump(at=3_700, by=3_600), Jump(at=1_000, by=-2_720))
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        session = Session(connection, 1_010, jumps)
        found = [session.since(moment) for moment in (1_005, 3_710, 3_700, 100, 90)]
    engine.dispose()
    assert [5, 20, 30, 30, 40] == found
