"""What is published in chat is searched on top of the files, which lead."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.catalogue import Catalogue
from bot.domain.ask import Draft, DraftKind
from bot.domain.inbound import Person
from bot.published import FromChat, published
from bot.store import Database
from bot.telemetry import Health
from bot.texts import Texts
from tests.catalogue.test_following import eventually, ids, written

YAMADA, SUZUKI = Person("U7", "山田"), Person("U9", "鈴木")
ENTRY = Draft(
    id="d1",
    version=1,
    kind=DraftKind.ENTRY,
    entry="a-9",
    escalation="e1",
    lecturer="山田太郎先生",
    talk="",
    question="録画は公開されますか",
    answer="はい。\r\n来週です。",
    links=("https://example.org/a",),
    variants=(),
    author=YAMADA,
    permalink="https://example.slack.com/archives/C9/p5",
)
WORDING = replace(
    ENTRY,
    id="d2",
    kind=DraftKind.VARIANT,
    entry="a-1",
    escalation="e2",
    question="機械が作った文は？",
    answer="",
    links=(),
)


def publish(database: Database, *drafts: Draft) -> None:
    for draft in drafts:
        assert database.transact(lambda tx, draft=draft: tx.drafts.save(draft))  # type: ignore[misc]
        assert database.transact(lambda tx, draft=draft: tx.drafts.publish(draft, SUZUKI))  # type: ignore[misc]


class Opened:
    """Opens catalogues, and closes them at the end."""

    def __init__(self) -> None:
        self.made: list[Catalogue] = []

    def __call__(
        self, folder: Path, url: str, var: Path | None = None, *, last_good: bool = False
    ) -> Catalogue:
        chat = FromChat(url, Texts("ja"))
        self.made.append(Catalogue(folder, var=var, chat=chat, last_good=last_good))
        return self.made[-1]


@pytest.fixture
def opened() -> Iterator[Opened]:
    opened = Opened()
    yield opened
    for each in opened.made:
        each.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "data", "a-1").parent


def test_entries_and_wordings_come_on_top(
    data: Path, url: str, database: Database, opened: Opened
) -> None:
    publish(database, ENTRY, WORDING)
    catalogue = opened(data, url)
    assert ["a-1", "a-9"] == ids(catalogue)
    first, new = catalogue.searcher.entries
    assert ("機械が作った文は？",) == first.variants
    assert ("山田 太郎", "はい。\n来週です。") == (new.lecturer, new.answer)
    assert (
        "チャットで公開（記入: 山田, 公開: 鈴木） https://example.slack.com/archives/C9/p5"
        == new.source
    )
    assert time.strftime("%Y-%m-%d") == new.updated
    assert "a-9" == catalogue.searcher.search("録画は公開されますか").hits[0].entry.id
    assert "a-1" == catalogue.searcher.search("機械が作った文は？").hits[0].entry.id


def test_a_file_leads(data: Path, url: str, database: Database, opened: Opened) -> None:
    publish(
        database,
        ENTRY,
        WORDING,
        replace(WORDING, id="d3", escalation="e3", question="合成データは"),  # the file's question
        replace(WORDING, id="d4", escalation="e4", entry="gone-1", question="どこに？"),
    )
    written(data, "a-9", "録画はありますか")
    catalogue = opened(data, url)
    assert ["a-1", "a-9"] == ids(catalogue)
    assert [("機械が作った文は？",), ()] == [each.variants for each in catalogue.searcher.entries]
    assert "録画はありますか" == catalogue.searcher.entries[1].question
    assert (True, False) == (catalogue.leads(ENTRY), catalogue.leads(WORDING))
    assert catalogue.leads(replace(WORDING, question="合成データは"))


def test_the_same_wording_counts_once(
    data: Path, url: str, database: Database, opened: Opened
) -> None:
    same = replace(WORDING, id="d3", escalation="e3", question="機械が作った文は")
    publish(database, WORDING, same)
    assert ("機械が作った文は？",) == opened(data, url).searcher.entries[0].variants


def test_a_running_bot_follows(data: Path, url: str, database: Database, opened: Opened) -> None:
    catalogue = opened(data, url)
    health = Health()
    with catalogue.following(health):
        publish(database, ENTRY)
        began = time.monotonic()
        assert eventually(lambda: ids(catalogue) == ["a-1", "a-9"])
        assert time.monotonic() - began < 2.0
        database.transact(lambda tx: tx.drafts.withdraw("d1", SUZUKI))
        catalogue.wake()
        began = time.monotonic()
        assert eventually(lambda: ids(catalogue) == ["a-1"])
        assert time.monotonic() - began < 0.9
    assert health.ok


def test_what_is_published_is_searched_while_a_file_is_broken(
    data: Path, url: str, database: Database, opened: Opened
) -> None:
    catalogue, health = opened(data, url), Health()
    assert not catalogue.look(health)
    (data / "b.yaml").write_text("entries: [", encoding="utf-8")
    assert catalogue.look(health)
    publish(database, ENTRY)
    assert catalogue.look(health)
    assert ["a-1", "a-9"] == ids(catalogue)
    assert not health.ok
    (data / "b.yaml").unlink()
    assert catalogue.look(health)
    assert (True, ["a-1", "a-9"]) == (health.ok, ids(catalogue))


def test_the_last_good_faq_has_what_is_published_on_top(
    data: Path, url: str, database: Database, tmp_path: Path, opened: Opened
) -> None:
    var = tmp_path / "var"
    first = Catalogue(data, var=var, last_good=True)
    with first.following(Health()):
        assert eventually(lambda: any((var / "last-good").glob("*-*")))
    publish(database, ENTRY)
    (data / "a-1.yaml").write_text("entries: [", encoding="utf-8")
    second = opened(data, url, var, last_good=True)
    assert second.broken is not None
    assert ["a-1", "a-9"] == ids(second)
    publish(database, replace(ENTRY, id="d5", escalation="e5", entry="a-10", question="会場は？"))
    assert second.look(Health())
    assert ["a-1", "a-9", "a-10"] == ids(second)


def test_a_store_that_refuses_leaves_what_was_there(
    data: Path, tmp_path: Path, opened: Opened
) -> None:
    path = tmp_path / "faqbot.db"
    database = Database.open(f"sqlite:///{path}")
    publish(database, ENTRY)
    database.close()
    catalogue, health = opened(data, f"sqlite:///{path}"), Health()
    sound = path.read_bytes()
    path.write_bytes(b"SQLite format 3\x00" + bytes(4096))
    assert not catalogue.look(health)
    assert ["chat entries"] == [part.name for part in health.components if not part.ok]
    assert ["a-1", "a-9"] == ids(catalogue)
    written(data, "b-1", "評価は？")
    assert catalogue.look(health)
    assert ["a-1", "b-1", "a-9"] == ids(catalogue)
    path.write_bytes(sound)
    assert not catalogue.look(health)
    assert health.ok


def test_the_cache_is_that_of_files_and_chat(
    data: Path, url: str, database: Database, tmp_path: Path, opened: Opened
) -> None:
    var = tmp_path / "var"
    var.mkdir()
    assert ["a-1"] == ids(opened(data, url, var))
    publish(database, ENTRY)
    for _ in range(2):
        assert ["a-1", "a-9"] == ids(opened(data, url, var))
    assert ["a-1"] == ids(Catalogue(data, var=var))
    cached = opened(data, url, var)
    database.transact(lambda tx: tx.drafts.withdraw("d1", SUZUKI))
    assert cached.look(Health())  # though the files weren't read at its start
    assert ["a-1"] == ids(cached) == ids(opened(data, url, var))


def test_what_no_file_could_hold_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    good, bad = ENTRY, replace(ENTRY, id="d6", entry="a-10", answer="\u200b")
    assert ["a-9"] == [each.id for each in published((bad, good), Texts("ja")).entries]
    assert ["what is published can't be used"] == [each.message for each in caplog.records]
