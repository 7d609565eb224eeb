"""Questions on their way to the lecturers, and who waits for the answer."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    TextClause,
    and_,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from bot.domain.ask import Asker, Candidate, Escalation, Stage
from bot.domain.inbound import Form, MessageRef, Person, Place
from bot.store.codec import decode_place, decode_ref, encode_place, encode_ref
from bot.store.schema import DAY, WAITING, Part, escalations


class Escalations(Part):
    """Escalations within one transaction.

    A row is one asking. Whoever asks what waits already joins it: their row stands on the card of
    the first one, and follows its stage.
    """

    def add(
        self,
        escalation: str,
        form: Form,
        near: Sequence[Candidate] = (),
        *,
        to: str | None = None,
    ) -> bool:
        """Keep a question for the lecturers.

        Args:
            escalation: Its id.
            form: What was sent.
            near: What the search finds for its words.
            to: The waiting escalation that it joins; if that is done with by now, or None, it
                stands for itself.

        Returns:
            False where the same member sent the same words for the same ask before.
        """
        now, stage = self._session.now, Stage.OPEN
        if to is not None:
            # The row is held from here on: what is published meanwhile can't miss who joins.
            held = self._set(and_(escalations.c.id == to, text(WAITING)), changed_at=now)
            first = self.get(to) if held else None
            to, stage = (first.id, first.stage) if first else (None, stage)
        same = "\n".join((form.where.platform, form.about, form.by.id, form.text))
        return self._session.insert_new(
            escalations,
            id=escalation,
            digest=_digest(same),
            ask=form.about,
            place=encode_place(form.where),
            member=form.by.id,
            name=form.by.name,
            text=form.text,
            state=stage,
            created_at=now,
            joined=to,
            changed_at=now,
            near=msgspec.json.encode(near).decode(),
        )

    def get(self, escalation: str) -> Escalation | None:
        """Return an escalation, also by the id of one that joined it; None where it is unknown."""
        of = select(escalations.c.joined).where(escalations.c.id == escalation)
        joined = self._execute(of).scalar_one_or_none()
        return next(iter(self._read(escalations.c.id == (joined or escalation))), None)

    def of_card(self, card: MessageRef) -> Escalation | None:
        """Return the escalation whose card a message is; None where it is none's."""
        return next(iter(self._read(escalations.c.card == _card(card))), None)

    def waiting(self) -> tuple[Escalation, ...]:
        """Return what isn't done with, oldest first: somebody else may still join it."""
        return self._read(text(WAITING))

    def count_waiting(self) -> dict[Stage, int]:
        """Count the cards that aren't done with, by where they stand."""
        c = escalations.c
        counts = select(c.state, func.count()).where(text(WAITING)).group_by(c.state)
        found: dict[str, int] = {row[0]: row[1] for row in self._execute(counts)}
        return {stage: found.get(stage, 0) for stage in (Stage.OPEN, Stage.DRAFTED)}

    def stands(self, escalation: str, card: MessageRef) -> None:
        """Note which message an escalation's card is."""
        self._set(escalations.c.id == escalation, card=_card(card))

    def move(self, escalation: Escalation, stage: Stage, by: Person) -> bool:
        """Move an escalation, and whoever joined it, to another stage.

        Who joined since it was read moves with it: read it again before they are told.

        Returns:
            False where somebody else moved it since it was read: ``get`` says who.
        """
        id_, revision = escalation.id, escalation.revision
        moved = self._set(
            (escalations.c.id == id_) & (escalations.c.revision == revision),
            state=stage,
            revision=revision + 1,
            changed_at=self._session.now,
            changed_by=by.id,
            changed_name=by.name,
        )
        if moved:
            self._set(escalations.c.joined == id_, state=stage)
        return moved == 1

    def purge(self, days: int) -> tuple[Escalation, ...]:
        """Forget the words and the askers of what nobody touched for so many days.

        Returns:
            Those that were still waiting, as they are now: closed.
        """
        c, until = escalations.c, self._session.now - days * DAY
        untouched = or_(c.changed_at.is_(None), c.changed_at < until)
        # Word for word as the index has it, as in ``Transaction.purge``.
        kept = c.text != literal_column("''")
        old = self._read(c.created_at < until, untouched, kept)
        now = [self._without(each, {asker.id for asker in each.askers}) for each in old]
        return tuple(each for each, before in zip(now, old, strict=True) if before.waits)

    def forget(self, member: str) -> tuple[Escalation, ...]:
        """Remove a member, by the platform's id, and their words.

        What others ask too stands with their words from now on; what nobody else asks is closed.

        Returns:
            Those that changed, as they are now: their cards must not show the member's words.
        """
        theirs = select(escalations).where(escalations.c.member == member)
        rows = self._execute(theirs).all()
        found = self._read(escalations.c.id.in_({row.joined or row.id for row in rows}))
        self._set(escalations.c.changed_by == member, changed_by="", changed_name="")
        return tuple(self._without(each, {row.id for row in rows}) for each in found)

    def _read(self, *which: ColumnElement[bool] | TextClause) -> tuple[Escalation, ...]:
        """Return the escalations that stand for themselves and of which all this is so."""
        c = escalations.c
        found = select(escalations).where(c.joined.is_(None), *which)
        rows = self._execute(found.order_by(c.created_at, c.id)).all()
        with_them = select(escalations).where(c.joined.in_([row.id for row in rows]))
        joined = defaultdict(list)
        for row in self._execute(with_them.order_by(c.created_at, c.id)) if rows else ():
            joined[row.joined].append(row)
        return tuple(_escalation(row, joined[row.id]) for row in rows)

    def _without(self, escalation: Escalation, gone: Set[str]) -> Escalation:
        """Take askers, by the ids of their rows, and their words out of an escalation.

        The ask stays, which says nothing of them either: what became of it is looked back on.
        """
        nobody = {"member": "", "name": "", "text": ""}
        for asker in escalation.askers:
            if asker.id in gone:
                place = encode_place(Place(asker.place.platform, "", ""))
                this = escalations.c.id == asker.id
                self._set(this, place=place, digest=_digest(asker.id), **nobody)
        left = tuple(asker for asker in escalation.askers if asker.id not in gone)
        closes = escalation.waits and not left
        now = replace(
            escalation,
            text=left[0].text if left else "",
            askers=left,
            stage=Stage.CLOSED if closes else escalation.stage,
            revision=escalation.revision + closes,
        )
        this = escalations.c.id == escalation.id
        self._set(this, text=now.text, revision=now.revision)
        self._set(this | (escalations.c.joined == escalation.id), state=now.stage)
        return now

    def _set(self, which: ColumnElement[bool], **values: object) -> int:
        change = update(escalations).where(which).values(**values)
        return self._execute(change).rowcount


def _escalation(row: Row[Any], joined: Sequence[Row[Any]]) -> Escalation:
    # The words on the card are the first asker's; of one who was forgotten only the row is left.
    askers = (
        Asker(
            id=each.id,
            ask=each.ask,
            by=Person(each.member, each.name),
            place=decode_place(each.place),
            text=each.text,
            at=each.created_at,
        )
        for each in (row, *joined)
        if each.member
    )
    return Escalation(
        id=row.id,
        text=row.text,
        stage=Stage(row.state),
        revision=row.revision,
        askers=tuple(askers),
        card=decode_ref(row.card) if row.card else None,
        by=Person(row.changed_by, row.changed_name) if row.changed_by else None,
        at=row.created_at,
        changed_at=row.created_at if row.changed_at is None else row.changed_at,
        near=msgspec.json.decode(row.near, type=tuple[Candidate, ...]),
    )


def _digest(what: str) -> str:
    return hashlib.sha256(what.encode()).hexdigest()


def _card(message: MessageRef) -> str:
    """Name a message of a channel, however one came to it."""
    place = replace(message.place, thread=None, private_to=None)
    return encode_ref(replace(message, place=place))
