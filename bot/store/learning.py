"""What is born in chat: versions of entries and wordings, and wordings that members showed."""

import hashlib
from collections import Counter, defaultdict
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, delete, or_, select, update

from bot.domain.ask import Draft, DraftKind, DraftState, Proposal, ProposalState, Sign
from bot.domain.inbound import Person
from bot.store.schema import DAY, Part, asks, drafts, escalations, proposals

PUBLISHED = "published"
"""What ``Transaction.changes`` counts here: the entries and wordings that are published."""


class Drafts(Part):
    """Drafts and what became of them, within one transaction. A version's words never change."""

    def save(self, draft: Draft) -> bool:
        """Keep a new version: the first one, or one more than that which was edited.

        An open version before it is replaced; a published one stays until this one is published.

        Args:
            draft: Its state, who was behind that, and its times are set anew.

        Returns:
            False where somebody else saved that version before, or another draft of the same
            question is open: ``get`` and ``open_for`` say whose.
        """
        now = self._session.now
        edited = (drafts.c.id == draft.id) & (drafts.c.version == draft.version - 1)
        self._move(edited, DraftState.DRAFT, DraftState.REPLACED, draft.author)
        replied = draft.replied or Person("")
        return self._session.insert_new(
            drafts,
            id=draft.id,
            version=draft.version,
            kind=draft.kind,
            entry=draft.entry,
            escalation=draft.escalation,
            lecturer=draft.lecturer,
            talk=draft.talk,
            question=draft.question,
            answer=draft.answer,
            links=msgspec.json.encode(draft.links).decode(),
            variants=msgspec.json.encode(draft.variants).decode(),
            author=draft.author.id,
            author_name=draft.author.name,
            replied=replied.id,
            replied_name=replied.name,
            permalink=draft.permalink,
            state=DraftState.DRAFT,
            saved_at=now,
            changed_at=now,
        )

    def get(self, draft: str) -> Draft | None:
        """Return a draft's newest version; None where it is unknown."""
        newest = select(drafts).where(drafts.c.id == draft).order_by(drafts.c.version.desc())
        return next(iter(self._read(newest.limit(1))), None)

    def open_for(self, escalation: str) -> Draft | None:
        """Return the open draft of a question; None where there is none."""
        state = drafts.c.state == DraftState.DRAFT
        found = self._read(select(drafts).where(drafts.c.escalation == escalation, state))
        return next(iter(found), None)

    def newest(self, escalation: str) -> Draft | None:
        """Return the version that was saved last for a question; None where there is none."""
        found = select(drafts).where(drafts.c.escalation == escalation)
        order = (drafts.c.saved_at.desc(), drafts.c.version.desc())
        return next(iter(self._read(found.order_by(*order).limit(1))), None)

    def withdrawn(self, escalation: str) -> Draft | None:
        """Return the answer to a question that was taken back last; None where none was."""
        state = drafts.c.state == DraftState.WITHDRAWN
        found = select(drafts).where(drafts.c.escalation == escalation, state)
        order = drafts.c.published_at.desc()
        return next(iter(self._read(found.order_by(order).limit(1))), None)

    def entries(self) -> frozenset[str]:
        """Return the ids of all entries that any draft was to be: none is given again."""
        return frozenset(self._execute(select(drafts.c.entry).distinct()).scalars())

    def published(self) -> tuple[Draft, ...]:
        """Return what is published, in the order in which it was."""
        found = select(drafts).where(drafts.c.state == DraftState.PUBLISHED)
        return self._read(found.order_by(drafts.c.published_at, drafts.c.id))

    def publish(self, draft: Draft, by: Person, *, over_gate: bool = False) -> bool:
        """Publish a version, in place of the one that was.

        Args:
            draft: As it was shown to whoever publishes it.
            by: Who.
            over_gate: The content gate was against it.

        Returns:
            False where it was edited, published or dropped since: ``get`` says by whom.
        """
        this = (drafts.c.id == draft.id) & (drafts.c.version == draft.version)
        others = (drafts.c.id == draft.id) & (drafts.c.version != draft.version)
        if not self._move(
            this, DraftState.DRAFT, DraftState.PUBLISHED, by,
            approver=by.id, approver_name=by.name,
            over_gate=over_gate, published_at=self._session.now,
        ):  # fmt: skip
            return False
        self._move(others, DraftState.PUBLISHED, DraftState.REPLACED, by)
        self._session.changed(PUBLISHED)
        return True

    def withdraw(self, draft: str, by: Person) -> bool:
        """Take back what is published; return False where nothing is."""
        this = drafts.c.id == draft
        withdrawn = self._move(this, DraftState.PUBLISHED, DraftState.WITHDRAWN, by)
        if withdrawn:
            self._session.changed(PUBLISHED)
        return withdrawn

    def drop(self, draft: Draft, by: Person) -> bool:
        """Give up a version that isn't published; return False where it isn't open any more."""
        this = (drafts.c.id == draft.id) & (drafts.c.version == draft.version)
        return self._move(this, DraftState.DRAFT, DraftState.DROPPED, by)

    def purge(self, days: int) -> None:
        """Forget what was written so many days ago and never published."""
        old = drafts.c.saved_at < self._session.now - days * DAY
        self._execute(delete(drafts).where(old, _NEVER_PUBLISHED))

    def forget(self, member: str, *, names: bool) -> None:
        """Remove what a member wrote and wasn't published, and their words out of others' drafts.

        Args:
            member: The platform's id.
            names: Also who they are, where what they published stays.
        """
        c = drafts.c
        asked = select(escalations.c.id).where(escalations.c.member == member)
        joined = select(escalations.c.joined).where(escalations.c.member == member)
        about = or_(c.escalation.in_(asked), c.escalation.in_(joined))
        self._execute(
            update(drafts).where(about, _NEVER_PUBLISHED).values(question="", variants="[]")
        )
        theirs = or_(c.author == member, c.replied == member)
        self._execute(delete(drafts).where(theirs, _NEVER_PUBLISHED))
        for who in ("author", "replied", "approver", "changed_by") if names else ():
            nobody = {who: "", f"{who}_name": ""}
            self._execute(update(drafts).where(c[who] == member).values(nobody))
        if names:
            self._session.changed(PUBLISHED)  # whose copies say who published what

    def _read(self, found: Any) -> tuple[Draft, ...]:
        return tuple(map(_draft, self._execute(found)))

    def _move(
        self,
        which: ColumnElement[bool],
        before: DraftState,
        after: DraftState,
        by: Person,
        **values: object,
    ) -> bool:
        """Move versions from one state to another; return whether there were some."""
        move = (
            update(drafts)
            .where(which, drafts.c.state == before)
            .values(state=after, changed_at=self._session.now, **values)
            .values(changed_by=by.id, changed_by_name=by.name)
        )
        return self._execute(move).rowcount > 0


class Proposals(Part):
    """Wordings that members showed, within one transaction. They change nothing by themselves."""

    def add(self, *, ask: str, entry: str, words: str, key: str, sign: Sign) -> bool:
        """Keep a wording that a member showed for an entry.

        Args:
            ask: The ask in which they did.
            entry: The entry's id.
            words: The wording.
            key: The same for wordings that are the same.
            sign: How they showed it.

        Returns:
            False where that ask showed it before, or the organisers are done with the wording.
        """
        wording = hashlib.sha256(f"{entry}\n{key}".encode()).hexdigest()[:16]
        known = self.get(wording)
        if known is not None and known.state is not ProposalState.OPEN:
            return False
        return self._session.insert_new(
            proposals,
            ask=ask,
            entry=entry,
            wording=wording,
            words=words,
            sign=sign,
            state=ProposalState.OPEN,
            created_at=self._session.now,
        )

    def open(self) -> tuple[Proposal, ...]:
        """Return what the organisers aren't done with, what was shown most often first."""
        found = self._read(proposals.c.state == ProposalState.OPEN.value)
        return tuple(sorted(found, key=lambda each: -sum(each.signs.values())))

    def get(self, proposal: str) -> Proposal | None:
        """Return a wording; None where it is unknown, or forgotten."""
        return next(iter(self._read(proposals.c.wording == proposal)), None)

    def settle(self, proposal: str, state: ProposalState, by: Person) -> bool:
        """Note what the organisers made of a wording; it is never proposed again.

        Returns:
            False where somebody else did before: ``get`` says who.
        """
        this = (proposals.c.wording == proposal) & (proposals.c.state == ProposalState.OPEN)
        values = {"state": state, "words": None, "changed_by": by.id, "changed_name": by.name}
        settled = update(proposals).where(this).values(values)
        return self._execute(settled).rowcount > 0

    def purge(self, days: int) -> None:
        """Forget wordings that nobody settled in so many days."""
        old = proposals.c.created_at < self._session.now - days * DAY
        state = proposals.c.state == ProposalState.OPEN
        self._execute(delete(proposals).where(state, old))

    def forget(self, member: str) -> None:
        """Remove what a member showed, and who settled what, by the platform's id."""
        theirs = proposals.c.ask.in_(select(asks.c.id).where(asks.c.asker == member))
        self._execute(delete(proposals).where(theirs, proposals.c.state == ProposalState.OPEN))
        nobody = {"changed_by": "", "changed_name": ""}
        self._execute(update(proposals).where(proposals.c.changed_by == member).values(nobody))

    def _read(self, which: ColumnElement[bool]) -> tuple[Proposal, ...]:
        found = select(proposals).where(which).order_by(proposals.c.created_at, proposals.c.ask)
        same: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self._execute(found):
            same[row.wording].append(row)
        return tuple(
            Proposal(
                id=wording,
                entry=rows[0].entry,
                words=rows[0].words or "",
                signs=Counter(Sign(row.sign) for row in rows),
                state=ProposalState(rows[0].state),
                by=_person(rows[0].changed_by, rows[0].changed_name),
            )
            for wording, rows in same.items()
        )


_NEVER_PUBLISHED = drafts.c.published_at.is_(None)


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        id=row.id,
        version=row.version,
        kind=DraftKind(row.kind),
        entry=row.entry,
        escalation=row.escalation,
        lecturer=row.lecturer,
        talk=row.talk,
        question=row.question,
        answer=row.answer,
        links=msgspec.json.decode(row.links, type=tuple[str, ...]),
        variants=msgspec.json.decode(row.variants, type=tuple[str, ...]),
        author=Person(row.author, row.author_name),
        replied=_person(row.replied, row.replied_name),
        permalink=row.permalink,
        state=DraftState(row.state),
        over_gate=row.over_gate,
        approver=_person(row.approver, row.approver_name),
        by=_person(row.changed_by, row.changed_by_name),
        saved_at=row.saved_at,
        changed_at=row.changed_at,
        published_at=row.published_at,
    )


def _person(id_: str, name: str) -> Person | None:
    return Person(id_, name) if id_ else None
