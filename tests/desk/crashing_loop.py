"""A process that is killed while the FAQ learns: the whole loop on a platform that lives in a file.

``main`` does one after the other what ``deeds`` says, each until it is acknowledged, as people and
a platform that redelivers do, and kills itself at the ``number``-th time that it comes to ``step``;
an empty step is any of them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bot.bootstrap import build
from bot.domain.card import Button, Kind, Outgoing
from bot.domain.inbound import Action, Form, FormKind, MessageRef, Person, Place, Press, Question
from bot.settings import CoreSettings
from bot.store import Database, Transaction
from bot.store.codec import decode_item, decode_outgoing, encode, encode_outgoing
from tests.desk.crashing import IN_FLIGHT, FilePlatform, Fuse, append, read
from tests.fakes.faq import FAQ, SYNTHETIC
from tests.fakes.search import PairSearch
from tests.fakes.waiting import at_rest

T = TypeVar("T")

PLACE, ORGANISERS = Place("file", "W", "general"), Place("file", "", "organisers")
QUESTIONS = {
    "q1": "円周率とは何ですか",
    "q2": "円周率とは何ですか？",
    "q3": "懇親会の会場",
    "q4": "人工の文章の割合",
}
ASKERS = {name: Person(f"U{name}", name) for name in QUESTIONS}
LECTURER, STAFF = Person("ULECTURER", "講師"), Person("USTAFF", "運営")
REPLY, ANSWER, LINE = (
    "三より少し大きい値です。",
    "円の周の長さを直径で割った値です。",
    "次回に扱います。",
)


class LoopPlatform(FilePlatform):
    """Keeps whole cards; each step before and behind a card is named for what the card is."""

    async def send(self, outgoing: Outgoing) -> MessageRef:
        name = named(outgoing)
        self._fuse.burn(f"before {name}")
        append(self._path, encode_outgoing(outgoing))
        self._fuse.burn(f"after {name}")
        return MessageRef(outgoing.to, outgoing.edits or outgoing.id)

    async def find(self, outgoing: Outgoing) -> MessageRef | None:
        sent = any(each.id == outgoing.id for each in sent_to(self._path))
        return MessageRef(outgoing.to, outgoing.edits or outgoing.id) if sent else None

    async def organises(self, person: str) -> bool:
        return person in (LECTURER.id, STAFF.id)


def named(outgoing: Outgoing) -> str:
    """Return what a card is."""
    if outgoing.card.ping:
        return "told"
    if outgoing.kind is not Kind.THREAD:
        return {Kind.EDIT: "edit", Kind.PRIVATE: "line"}.get(outgoing.kind, "direct")
    if outgoing.to.channel != ORGANISERS.channel:
        return "decline"
    return "draft" if outgoing.to.thread else "card"


def sent_to(path: Path) -> list[Outgoing]:
    """Return all that was sent, edits too, in order."""
    return list(map(decode_outgoing, read(path)))


def shown(path: Path) -> dict[str, Outgoing]:
    """Return what stands there now: each message as it was edited last."""
    there: dict[str, Outgoing] = {}
    for outgoing in sent_to(path):
        if outgoing.edits:
            there[outgoing.edits] = replace(there[outgoing.edits], card=outgoing.card)
        else:
            there[outgoing.id] = outgoing
    return there


class People:
    """What people do, each deed once they see what it is done on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def asks(self, name: str) -> Question:
        place = replace(PLACE, thread=name)
        return Question(MessageRef(place, name), ASKERS[name], QUESTIONS[name])

    def sends(self, name: str, *, after: str = "") -> Form | None:
        """Let who asked send the question to the lecturers, after another has heard of theirs.

        Else it is up to the machine's load whether that card stands by then, and so which step
        comes first.
        """
        found = self._button(Action.ASK_LECTURER, lambda each: each.to.thread == name)
        told = {each.to.private_to for each in shown(self._path).values()}
        if found is None or (after and ASKERS[after].id not in told):
            return None
        on, button = found
        place, by = replace(on.place, private_to=ASKERS[name].id), ASKERS[name]
        return Form.of_question(f"form {name}", button.about, QUESTIONS[name], by, place)

    def told(self) -> int:
        """Count the askers who have got their answer."""
        return sum(named(each) == "told" for each in shown(self._path).values())

    def replies(self) -> Question | None:
        found = self._button(Action.ANSWER, _holds(QUESTIONS["q1"]))
        if found is None:
            return None
        place = replace(ORGANISERS, thread=found[0].message)
        return Question(MessageRef(place, "reply"), LECTURER, REPLY, addressed=False)

    def fills(self, kind: FormKind, action: Action, words: str = "", **fields: str) -> Form | None:
        """Let an organiser send the form that a button on a card with some words opens."""
        found = self._button(action, _holds(words))
        if found is None:
            return None
        button = found[1]
        about = button.argument or button.about
        where = replace(ORGANISERS, private_to=LECTURER.id)
        return Form(f"{kind} {words} {action}", kind, about, fields, LECTURER, where)

    def presses(self, action: Action, words: str) -> Press | None:
        found = self._button(action, _holds(words))
        if found is None:
            return None
        on, button = found
        id_ = f"{action} {words}"
        return Press(id_, action, button.about, button.argument, STAFF, on)

    def _button(
        self, action: Action, on: Callable[[Outgoing], bool]
    ) -> tuple[MessageRef, Button] | None:
        for id_, each in reversed(shown(self._path).items()):
            for button in each.card.buttons:
                if button.action is action and on(each):
                    return MessageRef(each.to, id_), button
        return None


def _holds(words: str) -> Callable[[Outgoing], bool]:
    return lambda each: any(words in getattr(part, "text", "") for part in each.card.parts)


def deeds(people: People) -> dict[str, Callable[[], Question | Form | Press | None]]:
    """Return what is done, in order; None: what it needs isn't there yet."""
    answer = {"lecturer": "佐藤 一郎", "question": QUESTIONS["q1"]}
    return {
        "q1": lambda: people.asks("q1"),
        "form q1": lambda: people.sends("q1"),
        # As soon as the card stands, be it before the bot has noted that.
        "reply": people.replies,
        "q2": lambda: people.asks("q2"),
        "form q2": lambda: people.sends("q2", after="q1"),
        "answer": lambda: people.fills(
            FormKind.ANSWER, Action.USE_REPLY, **answer, answer=REPLY
        ),
        "publish": lambda: people.presses(Action.PUBLISH, REPLY),
        # Once both are told: else it is up to the machine's load what comes first.
        "edit": lambda: None if people.told() < 2 else people.fills(
            FormKind.ANSWER, Action.EDIT, REPLY, **answer, answer=ANSWER
        ),
        "publish again": lambda: people.presses(Action.PUBLISH, ANSWER),
        "q3": lambda: people.asks("q3"),
        "form q3": lambda: people.sends("q3"),
        "closing": lambda: people.fills(
            FormKind.CLOSING, Action.CLOSE, QUESTIONS["q3"], line=LINE
        ),
        "withdraw": lambda: people.presses(Action.WITHDRAW, ANSWER),
        "q4": lambda: people.asks("q4"),
        "form q4": lambda: people.sends("q4"),
        "wording": lambda: people.fills(
            FormKind.WORDING, Action.ADD_WORDING, QUESTIONS["q4"],
            entry=SYNTHETIC.id, question=QUESTIONS["q4"],
        ),
    }  # fmt: skip


def burning(fuse: Fuse) -> None:
    """Let each transaction be a step, just before it is committed and just behind."""
    plain = Database.transact

    def transact(self: Database, work: Callable[[Transaction], T]) -> T:
        def burned(tx: Transaction) -> T:
            result = work(tx)
            fuse.burn("before commit")
            return result

        result = plain(self, burned)
        fuse.burn("after commit")
        return result

    Database.transact = transact  # type: ignore[method-assign]


async def main(folder: Path, step: str, number: int) -> None:
    fuse = Fuse(step, number)
    burning(fuse)
    desk = build(
        PairSearch(FAQ),
        CoreSettings(database_url=f"sqlite:///{folder / 'faqbot.db'}"),
        organisers={"file": ORGANISERS.channel},
        in_flight=IN_FLIGHT,
    )
    running = asyncio.create_task(desk.run({"file": LoopPlatform(folder / "posted", fuse)}))
    done, begun = set(read(folder / "acknowledged")), read(folder / "begun")
    sent = {name: rest for name, _, rest in (line.partition("\t") for line in begun)}
    for name, look in deeds(People(folder / "posted")).items():
        if name in done:
            continue
        if name in sent:  # once more, as it was
            kind, _, payload = sent[name].partition("\t")
            item = decode_item(kind, payload)
        else:
            while (found := look()) is None:  # noqa: ASYNC110  # until a card stands there
                await asyncio.sleep(0.01)
            item = found
            append(folder / "begun", "\t".join((name, type(item).__name__.lower(), encode(item))))
        await desk.receive(item)
        fuse.burn(f"after {name}")
        append(folder / "acknowledged", name)
    await at_rest(desk)
    running.cancel()
    await asyncio.wait([running])
    desk.close()
