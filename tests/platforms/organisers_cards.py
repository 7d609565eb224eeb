"""Every card and form of the learning loop, with short words and with the worst there may be."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from bot.desk.posting import new_id
from bot.domain.ask import Asker, Draft, DraftKind, DraftState, Escalation, Proposal, Sign, Stage
from bot.domain.card import Card, Sheet
from bot.domain.entry import Entry
from bot.domain.inbound import Person, Place
from bot.domain.retrieval import Hit
from bot.gate import Clash, Objection
from bot.wording import MORE, Organising, Wording

ADDRESS = "https://event.example/archives/C0/p1"
SHORT = "円周率とは何ですか"
WORST = "<!channel> @everyone <@U0AKEMI> *太* `code` [字](https://evil.example) & 😀𠮷\n" * 40


def every_card(
    locale: Literal["ja", "en"], platform: str, person: str, *, worst: bool
) -> Iterator[tuple[str, Card]]:
    """Yield each card with its name.

    Args:
        locale: In which language.
        platform: Whoever asked did it there.
        person: An id that the platform could have given.
        worst: With the worst words there may be, in place of short ones.
    """
    wording = Wording(locale)
    words = Organising(wording)
    text = WORST if worst else SHORT
    by = Person(person, text[:80])
    asker = Asker(new_id(), new_id(), by, Place(platform, "", "C0"), text, 0.0)
    entry = Entry("e-1", text[:60], text[:120], text, text * 3, links=(f"{ADDRESS}/{'a' * 900}",))
    waits = Escalation(new_id(), text, Stage.OPEN, 0, (asker,) * 3, None, by, 0.0, 0.0)
    hits = (Hit(entry, 1.0, 0.5),) * 2
    for stage in Stage:
        at_stage = replace(waits, stage=stage)
        yield (
            f"question {stage}",
            words.question(
                at_stage, near=hits, lecturer=text[:60], address=ADDRESS, unreached=(asker,) * 30
            ),
        )
    yield "question in private", words.question(waits, near=(), lecturer="", address="")
    yield "question somewhere", words.question(waits, near=(), lecturer="", address=None)
    forgotten = replace(waits, askers=())
    yield "question forgotten", words.question(forgotten, near=(), lecturer="", address="")
    found = [Objection(clash, entry, 0.5, text) for clash in Clash]
    for kind in DraftKind:
        draft = _draft(entry, kind, by)
        yield f"draft {kind}", words.draft(draft, waits.id, (), entry, second=True, in_files=False)
        yield (
            f"draft {kind} against",
            words.draft(draft, waits.id, found, entry, second=True, in_files=True),
        )
        yield (
            f"published {kind}",
            words.published(replace(draft, over_gate=True), waits.id, entry, in_files=True),
        )
        for state in (DraftState.REPLACED, DraftState.DROPPED, DraftState.WITHDRAWN):
            yield f"ended {kind} {state}", words.ended(replace(draft, state=state), entry)
    yield "reply", words.reply(new_id())
    answer = wording.answer(hits[:1], new_id())
    yield "told", words.told(answer, asker, again=True)
    yield "closed", words.closed(text, asker)
    proposal = Proposal("0123456789abcdef", "e-1", text, {Sign.CHOSEN: 3})
    proposals = [(replace(proposal, id=f"{number:016x}"), entry) for number in range(3)]
    yield "digest", words.digest([text[:200]] * 6, proposals)
    yield "forgotten me", wording.line("privacy.done")


def every_sheet(
    locale: Literal["ja", "en"], room: int, *, worst: bool
) -> Iterator[tuple[str, Sheet]]:
    """Yield each form with its name.

    Args:
        locale: In which language.
        room: What one of its fields takes, in UTF-16 units.
        worst: With the worst words there may be, in place of short ones.
    """
    words = Organising(Wording(locale))
    text = WORST if worst else SHORT
    full = "あ" * room if worst else SHORT
    entry = Entry("e-1", text[:60], text[:120], full, full, links=(ADDRESS,))
    draft = _draft(entry, DraftKind.ENTRY, Person("U0AKEMI"))
    about = f"{new_id()}-999-{new_id()}"
    names = [f"{text[:60]}{number}" for number in range(60)]
    yield "answer", words.answer_sheet(about, draft, (full, MORE, full), names, names)
    blank = replace(draft, lecturer="", talk="", answer="", links=())
    yield "answer to nothing known", words.answer_sheet(about, blank, ("", MORE, ""), (), ())
    near = [replace(entry, id=f"{'e' * 90}-{number}") for number in range(60)]
    yield "wording", words.wording_sheet(about, full, near)
    yield "closing", words.closing_sheet(about)


def _draft(entry: Entry, kind: DraftKind, by: Person) -> Draft:
    return Draft(
        id=new_id(), version=999, kind=kind, entry=entry.id, escalation=new_id(),
        lecturer=entry.lecturer, talk=entry.talk, question=entry.question, answer=entry.answer,
        links=entry.links, variants=(), author=by, approver=by, by=by,
    )  # fmt: skip
