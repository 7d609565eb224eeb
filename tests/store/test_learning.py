"""What is born in chat: versions, published once, taken back; wordings that gather."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.domain.ask import Draft, DraftKind, DraftState, ProposalState, Sign
from bot.domain.inbound import QUESTION, Form, Person
from bot.store import Database, Transaction
from bot.store.learning import PUBLISHED
from bot.store.schema import DAY, drafts, proposals
from tests.store.samples import PLACE, ask, keep, later

YAMADA, SATO, SUZUKI = Person("U7", "山田"), Person("U8", "佐藤"), Person("U9", "鈴木")
DRAFT = Draft(
    id="d1",
    version=1,
    kind=DraftKind.ENTRY,
    entry="yamada-9",
    escalation="e1",
    lecturer="山田太郎",
    talk="合成データ入門",
    question="録画は公開されますか",
    answer="はい。\n来週です 👍",
    links=("https://example.org/a", "https://example.org/b"),
    variants=("録画はいつ出ますか",),
    author=YAMADA,
    replied=SATO,
    permalink="https://example.slack.com/archives/C9/p5",
)
SECOND = replace(DRAFT, version=2, answer="はい。", author=SATO, replied=None)


def save(database: Database, draft: Draft) -> bool:
    return database.transact(lambda tx: tx.drafts.save(draft))


def publish(database: Database, draft: Draft, by: Person = SUZUKI) -> bool:
    return database.transact(lambda tx: tx.drafts.publish(draft, by))


def get(database: Database, id_: str = "d1") -> Draft:
    found = database.transact(lambda tx: tx.drafts.get(id_))
    assert found is not None
    return found


def changes(database: Database) -> int:
    return database.transact(lambda tx: tx.changes().get(PUBLISHED, 0))


def published(database: Database) -> list[tuple[str, int]]:
    found = database.transact(lambda tx: tx.drafts.published())
    return [(each.id, each.version) for each in found]


def states(database: Database) -> list[str]:
    found = select(drafts.c.state).order_by(drafts.c.id, drafts.c.version)
    return database.transact(lambda tx: list(tx._session.connection.execute(found).scalars()))


def test_a_draft_comes_out_as_it_was(database: Database) -> None:
    assert save(database, DRAFT)
    found = get(database)
    assert DRAFT == replace(found, saved_at=0.0, changed_at=0.0)
    assert found.saved_at > 1.7e9
    assert found == database.transact(lambda tx: tx.drafts.open_for("e1"))
    assert database.transact(lambda tx: tx.drafts.open_for("e2")) is None
    assert database.transact(lambda tx: tx.drafts.get("d2")) is None


def test_a_question_has_one_open_draft(database: Database) -> None:
    assert save(database, DRAFT)
    assert not save(database, replace(DRAFT, id="d2", author=SATO))
    assert save(database, replace(DRAFT, id="d3", escalation="e2"))
    assert save(database, replace(DRAFT, id="d4", escalation=""))
    assert save(database, replace(DRAFT, id="d5", escalation=""))
    assert database.transact(lambda tx: tx.drafts.drop(DRAFT, YAMADA))
    assert save(database, replace(DRAFT, id="d2", author=SATO))


@pytest.mark.fault(91)
def test_of_two_who_edit_a_version_the_first_one_counts(database: Database) -> None:
    save(database, DRAFT)
    assert save(database, SECOND)
    assert not save(database, replace(SECOND, answer="いいえ。", author=SUZUKI))
    assert ("はい。", SATO) == (get(database).answer, get(database).author)
    assert ["replaced", "draft"] == states(database)


def test_what_was_edited_since_it_was_shown_is_not_published(database: Database) -> None:
    save(database, DRAFT)
    save(database, SECOND)
    assert not publish(database, DRAFT)
    assert published(database) == []
    assert changes(database) == 0


def test_of_two_who_publish_the_first_press_counts_and_says_who(database: Database) -> None:
    save(database, DRAFT)
    over = database.transact(lambda tx: tx.drafts.publish(DRAFT, SUZUKI, over_gate=True))
    assert over
    assert not publish(database, DRAFT, SATO)
    found = get(database)
    assert (DraftState.PUBLISHED, SUZUKI, SUZUKI, True) == (
        found.state, found.approver, found.by, found.over_gate,
    )  # fmt: skip
    assert [("d1", 1)] == published(database)
    assert changes(database) == 1
    assert not database.transact(lambda tx: tx.drafts.drop(DRAFT, SATO))


@pytest.mark.fault(91)
def test_an_edit_of_what_is_published_takes_its_place_only_when_it_is_published(
    database: Database,
) -> None:
    save(database, DRAFT)
    publish(database, DRAFT)
    assert save(database, SECOND)
    assert [("d1", 1)] == published(database)
    assert publish(database, SECOND)
    assert [("d1", 2)] == published(database)
    assert ["replaced", "published"] == states(database)
    assert changes(database) == 2


def test_what_is_taken_back_is_gone_at_once_and_once(database: Database) -> None:
    save(database, DRAFT)
    assert not database.transact(lambda tx: tx.drafts.withdraw("d1", SATO)), "not published yet"
    publish(database, DRAFT)
    assert database.transact(lambda tx: tx.drafts.withdraw("d1", SATO))
    assert not database.transact(lambda tx: tx.drafts.withdraw("d1", SUZUKI))
    assert (DraftState.WITHDRAWN, SATO) == (get(database).state, get(database).by)
    assert published(database) == []
    assert changes(database) == 2


def test_entries_come_in_the_order_in_which_they_were_published(database: Database) -> None:
    for id_, seconds in (("d1", 20), ("d2", 10)):
        draft = replace(DRAFT, id=id_, escalation=id_)
        save(database, draft)
        later(database, seconds, lambda tx, draft=draft: tx.drafts.publish(draft, SATO))
    assert [("d2", 1), ("d1", 1)] == published(database)


def test_what_a_failed_transaction_published_changes_nothing(database: Database) -> None:
    save(database, DRAFT)

    def half(tx: Transaction) -> None:
        assert tx.drafts.publish(DRAFT, SATO)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        database.transact(half)
    assert ([], 0) == (published(database), changes(database))


def test_a_switched_watch_is_a_change_too(database: Database) -> None:
    for on in (True, False):
        database.transact(lambda tx, on=on: tx.watches.set(PLACE, on, SATO))
    assert {"watches": 2} == database.transact(lambda tx: tx.changes())


@pytest.mark.fault(85)
def test_published_text_stays_and_the_name_goes_only_where_that_is_asked_for(
    database: Database,
) -> None:
    save(database, DRAFT)
    publish(database, DRAFT)
    save(database, replace(SECOND, author=YAMADA))
    database.transact(lambda tx: tx.forget(YAMADA.id))
    assert [("d1", 1)] == published(database)
    assert ["published"] == states(database), "what wasn't published is gone"
    assert DRAFT.answer == get(database).answer
    assert (YAMADA, SATO, SUZUKI) == (
        get(database).author, get(database).replied, get(database).approver,
    )  # fmt: skip
    for each in (YAMADA, SATO, SUZUKI):
        database.transact(lambda tx, each=each: tx.forget(each.id, names=True))
    found = get(database)
    assert (Person(""), None, None, None) == (
        found.author, found.replied, found.approver, found.by,
    )  # fmt: skip
    assert DRAFT.answer == found.answer


@pytest.mark.fault(85)
@pytest.mark.parametrize("joined", [False, True])
def test_a_forgotten_askers_words_go_from_the_lecturers_draft(
    database: Database, *, joined: bool
) -> None:
    asker = Person("U1", "明美")
    form = Form.of_question("f1", "", DRAFT.question, asker, PLACE)
    if joined:
        other = replace(form, by=Person("U2"), fields={QUESTION: "別"})
        database.transact(lambda tx: tx.escalations.add("e1", other))
    id_, to = ("e2", "e1") if joined else ("e1", None)
    database.transact(lambda tx: tx.escalations.add(id_, form, to=to))
    save(database, DRAFT)
    database.transact(lambda tx: tx.forget(asker.id))
    assert ("", (), DRAFT.answer) == (
        get(database).question, get(database).variants, get(database).answer,
    )  # fmt: skip


@pytest.mark.fault(86)
def test_what_was_never_published_is_forgotten_after_the_days(database: Database) -> None:
    save(database, DRAFT)
    publish(database, DRAFT)
    save(database, SECOND)
    later(database, 31 * DAY, lambda tx: tx.purge(days=30))
    assert ["published"] == states(database)


def propose(database: Database, ask_id: str, words: str, sign: Sign = Sign.CHOSEN) -> bool:
    keep(database, ask(ask_id, asker=f"asker of {ask_id}"))
    key = words.rstrip("?？")
    return database.transact(
        lambda tx: tx.proposals.add(ask=ask_id, entry="yamada-1", words=words, key=key, sign=sign)
    )


def test_wordings_gather_by_what_they_say_and_how_they_came(database: Database) -> None:
    assert propose(database, "a1", "録画は？")
    assert propose(database, "a2", "録画は?", Sign.USEFUL)
    assert not propose(database, "a2", "録画は?"), "an ask counts once"
    assert propose(database, "a3", "資料は？")
    often, seldom = database.transact(lambda tx: tx.proposals.open())
    assert ("yamada-1", "録画は？", {Sign.CHOSEN: 1, Sign.USEFUL: 1}) == (
        often.entry, often.words, often.signs,
    )  # fmt: skip
    assert "資料は？" == seldom.words
    assert often == database.transact(lambda tx: tx.proposals.get(often.id))
    assert len(often.id) <= 16, "it travels on a button"


@pytest.mark.parametrize("state", [ProposalState.ADDED, ProposalState.REFUSED])
def test_a_wording_is_settled_once_and_never_proposed_again(
    database: Database, state: ProposalState
) -> None:
    propose(database, "a1", "録画は？")
    (found,) = database.transact(lambda tx: tx.proposals.open())
    assert database.transact(lambda tx: tx.proposals.settle(found.id, state, SATO))
    assert not database.transact(
        lambda tx: tx.proposals.settle(found.id, ProposalState.ADDED, SUZUKI)
    )
    assert not propose(database, "a2", "録画は?")
    assert database.transact(lambda tx: tx.proposals.open()) == ()
    settled = database.transact(lambda tx: tx.proposals.get(found.id))
    assert settled is not None
    assert (state, SATO, "") == (settled.state, settled.by, settled.words)
    later(database, 31 * DAY, lambda tx: tx.purge(days=30))
    assert not propose(database, "a3", "録画は?"), "also long after"


@pytest.mark.fault(85, 86)
@pytest.mark.parametrize(
    "forgetting",
    [
        pytest.param(lambda tx: tx.forget("asker of a1"), id="by the member's wish"),
        pytest.param(lambda tx: tx.proposals.purge(days=0), id="in time"),
    ],
)
def test_a_wording_that_nobody_settled_is_forgotten(
    database: Database, forgetting: Callable[[Transaction], object]
) -> None:
    propose(database, "a1", "録画は？")
    later(database, 60, forgetting)
    rows = database.transact(lambda tx: tx._session.connection.execute(select(proposals)).all())
    assert rows == []
