"""What came before the lecturers, as ``unanswered``, ``stats`` and ``report`` tell it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.ask import Outcome, Sign, Stage
from bot.domain.inbound import Form, Person
from bot.store import Database
from tests.catalogue.test_chat import ENTRY, SUZUKI, WORDING, publish
from tests.cli.conftest import Faqbot
from tests.cli.test_report import read
from tests.store.conftest import url
from tests.store.samples import PLACE, ask, keep

__all__ = ["url"]

RECORDING = "録画はいつ公開されますか"
FACES = "顔文字の意味はどう処理されますか"
VENUE = "会場はどこの駅が近いですか"
MEDALS = "出席の証明はもらえますか"
WORDS = "人が書いていない文も教材にしていますか"


def escalate(database: Database, id_: str, text: str, who: str, to: str | None = None) -> None:
    keep(database, ask(f"a-{id_}", text=text, asker=who, candidates=(), outcome=Outcome.DECLINE))
    form = Form.of_question(f"f-{id_}", f"a-{id_}", text, Person(who, f"山本{who}"), PLACE)
    assert database.transact(lambda tx: tx.escalations.add(id_, form, to=to))


def move(database: Database, id_: str, stage: Stage) -> None:
    def moved(tx: object) -> bool:
        found = tx.escalations.get(id_)  # type: ignore[attr-defined]
        return bool(tx.escalations.move(found, stage, SUZUKI))  # type: ignore[attr-defined]

    assert database.transact(moved)


@pytest.fixture
def looped(url: str) -> Iterator[Database]:
    """A question of each state, two askers of one; an answer and a wording; a proposal."""
    database = Database.open(url)
    escalate(database, "e1", RECORDING, "U1")
    escalate(database, "e2", FACES, "U1")
    escalate(database, "e3", FACES, "U2", to="e2")
    escalate(database, "e4", VENUE, "U2")
    escalate(database, "e5", MEDALS, "U3")
    publish(database, replace(ENTRY, entry="kawahara-90", question=RECORDING))
    publish(database, replace(WORDING, entry="kawahara-5", escalation="", question="人工の文は"))
    move(database, "e1", Stage.PUBLISHED)
    draft = replace(ENTRY, id="d8", escalation="e4", lecturer="宮尾 祐介", question=VENUE)
    assert database.transact(lambda tx: tx.drafts.save(draft))
    move(database, "e4", Stage.DRAFTED)
    move(database, "e5", Stage.CLOSED)
    for number in (1, 2):
        keep(database, ask(f"p{number}", text=WORDS, outcome=Outcome.ANSWER, entry="kawahara-5"))
        database.transact(
            lambda tx, number=number: tx.proposals.add(  # type: ignore[misc]
                ask=f"p{number}", entry="kawahara-5", words=WORDS, key="k", sign=Sign.CHOSEN
            )
        )
    yield database
    database.close()


def lines(faqbot: Faqbot, url: str, *options: str) -> list[dict[str, object]]:
    done = faqbot("unanswered", "--json", *options, FAQBOT_DATABASE_URL=url)
    assert (0, "") == (done.returncode, done.stderr)
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_unanswered_says_where_each_stands_and_hides_what_is_done(
    faqbot: Faqbot, looped: Database, url: str
) -> None:
    def states(*options: str) -> dict[object, object]:
        return {each["question"]: each["state"] for each in lines(faqbot, url, *options)}

    waits = {FACES: "open", VENUE: "drafted", WORDS: "proposed"}
    assert waits == states()
    assert waits | {RECORDING: "published", MEDALS: "closed"} == states("--all")
    shown = faqbot("unanswered", FAQBOT_DATABASE_URL=url).stdout
    assert re.search(r"^\S+  2 回  .*  未対応$", shown, re.M)
    assert re.search(r"^\S+  1 回  .*  下書き$", shown, re.M)
    assert "言い方の候補 1 件" in shown
    assert "候補から選ばれた 2 回\n    人が書いていない文も" in shown
    assert "山本" not in shown


def test_asked_again_after_it_was_closed_it_comes_back(
    faqbot: Faqbot, looped: Database, url: str
) -> None:
    keep(looped, ask("a-9", text=MEDALS, candidates=()))
    (line,) = (each for each in lines(faqbot, url) if each["question"] == MEDALS)
    assert ("open", 1, 1) == (line["state"], line["times"], line["done"])


def test_a_proposal_goes_once_it_is_refused_or_in_the_faq(
    faqbot: Faqbot, looped: Database, url: str
) -> None:
    code = next(str(each["code"]) for each in lines(faqbot, url) if each["state"] == "proposed")
    done = faqbot("unanswered", "--done", code, FAQBOT_DATABASE_URL=url)
    assert f"候補から外しました: {WORDS}" in done.stdout
    assert "proposed" not in {each["state"] for each in lines(faqbot, url)}

    looped.transact(
        lambda tx: tx.proposals.add(
            ask="p1", entry="kawahara-4", words="カリキュラム学習は効果がありますか", key="q",
            sign=Sign.USEFUL,
        )
    )  # fmt: skip
    assert "proposed" not in {each["state"] for each in lines(faqbot, url)}  # a variant already


def test_stats_counts_the_loop(faqbot: Faqbot, looped: Database, url: str) -> None:
    done = faqbot("stats", "--json", FAQBOT_DATABASE_URL=url)
    learning = json.loads(done.stdout)["learning"]
    assert learning["median_seconds"] < 60
    assert {
        "escalations": {"open": 1, "drafted": 1, "published": 1, "closed": 1},
        "answered": 1, "median_seconds": learning["median_seconds"],
        "published": 1, "wordings": 1, "proposals": 1,
    } == learning  # fmt: skip
    shown = faqbot("stats", FAQBOT_DATABASE_URL=url).stdout
    assert re.search(r"^  質問: 下書き +1$", shown, re.M)
    assert re.search(r"^  回答までの時間（中央値） +1 分$", shown, re.M)
    assert re.search(r"^  チャットで加えた言い方 +1$", shown, re.M)


def test_the_report_lists_what_waits_for_each_lecturer(
    faqbot: Faqbot, looped: Database, url: str, tmp_path: Path
) -> None:
    escalate(looped, "e6", FACES, "U2", to="e2")  # once more is nobody else
    done = faqbot("report", "r.html", FAQBOT_DATABASE_URL=url)
    assert (0, "") == (done.returncode, done.stderr)
    words = read(tmp_path / "r.html").words
    loop = words[words.rindex("うち回答待ち 2 件") : words.index("言い方の候補")]
    miyao, okazaki = loop.index("宮尾 祐介 先生"), loop.index("岡崎 直観 先生")
    assert miyao < loop.index(VENUE) < okazaki < loop.index(FACES)
    assert "2 人" in loop[okazaki:]
    assert WORDS in words
    assert "山本" not in words
