"""An answer becomes an entry: drafts, the content gate, publishing and taking back.

Each step is one transaction: it writes what changed, and the cards that say so, or nothing. What
two people do at once is one deed, the first one's, by the version or revision that both saw.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.desk.drafting import Drafting, Known
from bot.desk.learning import Learning, place_of
from bot.desk.offload import Offload, Urgency
from bot.desk.posting import edit, new_id, post, whisper
from bot.desk.replying import Replying
from bot.domain.ask import Draft, DraftKind, DraftState, Escalation, ProposalState, Stage
from bot.domain.card import Card, Quote, Sheet
from bot.domain.inbound import Action, Form, FormKind, Person, Place, Press
from bot.domain.ports import Faq
from bot.domain.text import is_blank
from bot.gate import Objection
from bot.settings import LearningSettings
from bot.store import Claimed, Transaction
from bot.wording import ANSWER, JOINTS, LECTURER, LINE, Wording, named


@dataclass(frozen=True, slots=True)
class Publishing:
    """What organisers press and fill in.

    Attributes:
        faq: The entries and the search in them.
        wording: The words.
        offload: Leads to the store, and off the event loop.
        learning: The questions, and who waits for them.
        replying: What organisers reply to them.
        drafting: Makes forms drafts, and back.
        settings: Who may publish.
        published: Called when what is published has changed.
        in_files: Says whether the FAQ's files hold a draft's entry or wording: they lead.
    """

    faq: Faq
    wording: Wording
    offload: Offload
    learning: Learning
    replying: Replying
    drafting: Drafting
    settings: LearningSettings
    published: Callable[[], None]
    in_files: Callable[[Draft], bool]

    def fault(self, form: Form) -> Card | None:
        """Say what is wrong with a form, before anything is kept of it; None where it is right."""
        return self.drafting.fault(form)

    # --- forms open

    async def sheet(self, press: Press) -> Card | Sheet:
        """Return the form that a button opens, or why it doesn't.

        Raises:
            StoreError: The question couldn't be read.
        """
        refusal = await self.learning.refusal(press.by, press.on.place.platform)
        if refusal is not None:
            return refusal
        known = await self.offload.store(lambda tx: self._looked_up(tx, press), Urgency.WAITED_FOR)
        room = self.learning.room(press.on.place.platform)
        likely = self.learning.probable(known.escalation) if known.escalation else None
        return await self.offload.compute(self.drafting.opens, press, known, likely, room)

    def _looked_up(self, tx: Transaction, press: Press) -> Known:
        if press.action is Action.EDIT:
            return Known(self._version(tx, press.argument))
        escalation, reply = self.replying.about(tx, press.about)
        open_ = tx.drafts.open_for(escalation.id) if escalation is not None else None
        return Known(open_, escalation, reply)

    # --- forms come back

    async def form(self, claimed: Claimed, form: Form) -> None:
        """Do what an organiser's form says."""
        refusal = await self.learning.refusal(form.by, form.where.platform)
        form = replace(form, by=await self.learning.named(form.by, form.where.platform))
        refusal = refusal or self.drafting.fault(form)
        if refusal is not None:
            await self.offload.store(lambda tx: self._refuse(tx, claimed, form, refusal))
        elif form.kind is FormKind.CLOSING:
            await self.offload.store(lambda tx: self._close(tx, claimed, form))
        else:
            from bot.content import slug_of  # 15 ms that a start shouldn't pay

            lecturer = form.fields.get(LECTURER, "").strip()
            slug = await self.offload.compute(slug_of, lecturer, self.faq.entries)
            draft = await self.offload.store(lambda tx: self._drafted(tx, form, slug))
            if isinstance(draft, Card):
                await self.offload.store(lambda tx: self._refuse(tx, claimed, form, draft))
                return
            found = await self.offload.compute(self.drafting.against, draft)
            await self.offload.store(lambda tx: self._save(tx, claimed, form, draft, found))
            self.published()

    def _refuse(self, tx: Transaction, claimed: Claimed, by: Form | Press, card: Card) -> None:
        tx.inbox.finish(claimed, "refused")
        if isinstance(by, Form):  # which is closed by now: what was typed would be lost
            typed = (by.fields.get(name, "") for name in (ANSWER, *JOINTS, LINE))
            card = replace(card, parts=(*card.parts, *map(Quote, filter(str.strip, typed))))
        whisper(tx, place_of(by), by.by, card, once=f"line:{by.id}")

    def _drafted(self, tx: Transaction, form: Form, slug: str) -> Draft | Card:
        """Return what a form holds as a draft, or why it isn't one: somebody else was faster."""
        line = self.wording.line
        id_, *carried = form.about.split("-")
        before = tx.drafts.get(id_) if carried else None
        escalation, reply = self.replying.about(tx, carried[1] if carried[1:] else form.about)
        if before is not None:
            escalation = tx.escalations.get(before.escalation)
            if str(before.version) != carried[0]:
                return line("organising.written_by", name=named(before.author))
            if before.state not in (DraftState.DRAFT, DraftState.PUBLISHED):
                return line("organising.done_by", name=named(before.by))
        elif escalation is None:
            return line("organising.stale")
        elif not escalation.waits:
            return line("organising.done_by", name=named(escalation.by))
        elif (open_ := tx.drafts.open_for(escalation.id)) is not None:
            return line("organising.written_by", name=named(open_.author))
        else:
            before = tx.drafts.newest(escalation.id)
        taken = {each.id for each in self.faq.entries} | tx.drafts.entries()
        ids = (id_ for n in itertools.count(1) if (id_ := f"{slug}-{n}") not in taken)
        draft = self.drafting.next(form, escalation, before, reply, ids)
        card = escalation.card if escalation is not None else None
        return replace(draft, permalink=(self.learning.address(card) if card else None) or "")

    def _save(
        self,
        tx: Transaction,
        claimed: Claimed,
        form: Form,
        draft: Draft,
        found: Sequence[Objection],
    ) -> None:
        """Keep a version; a wording that nothing speaks against is published at once."""
        before = tx.drafts.get(draft.id)
        if not tx.drafts.save(draft):
            other = tx.drafts.get(draft.id) or tx.drafts.open_for(draft.escalation)
            name = named(other.author if other is not None else None)
            card = self.wording.line("organising.written_by", name=name)
            self._refuse(tx, claimed, form, card)
            return
        tx.inbox.finish(claimed, "done")
        if before is not None and before.state is DraftState.DRAFT:
            self._end(tx, replace(before, state=DraftState.REPLACED, by=form.by))
        self.replying.used(tx, form.about.rpartition("-")[2])
        escalation = tx.escalations.get(draft.escalation)
        if escalation is not None and escalation.stage is Stage.OPEN:
            tx.escalations.move(escalation, Stage.DRAFTED, form.by)
        if self._goes_at_once(draft, found):
            self._publish(tx, form, draft, form.by, over_gate=False)
            return
        about = escalation.id if escalation is not None else draft.id
        card = self._shown(draft, about, found)
        once = f"draft:{draft.id}:{draft.version}"
        post(tx, self._thread(form, escalation), card, once=once)
        self._refresh(tx, about)
        self.learning.tell(tx, form, "organising.saved")

    def _version(self, tx: Transaction, carried: str) -> Draft | None:
        """Return the version that a button or a form carries; None where it isn't the newest."""
        id_, _, version = carried.partition("-")
        draft = tx.drafts.get(id_) if version else None
        if draft is None or str(draft.version) != version:
            return None
        return draft if draft.state in (DraftState.DRAFT, DraftState.PUBLISHED) else None

    def _thread(self, by: Form | Press, escalation: Escalation | None) -> Place:
        """Return where a draft's card belongs: in its question's thread."""
        if escalation is None or escalation.card is None:
            return replace(place_of(by), private_to=None, handle=None)
        card = escalation.card
        return replace(card.place, thread=card.message, handle=None)

    def _close(self, tx: Transaction, claimed: Claimed, form: Form) -> None:
        """Close a question without an answer; with a line, whoever asked reads it."""
        tx.inbox.finish(claimed, "done")
        escalation, _ = self.replying.about(tx, form.about)
        if escalation is None:
            self.learning.tell(tx, form, "error.unknown_button")
        elif not escalation.waits or not tx.escalations.move(escalation, Stage.CLOSED, form.by):
            now = tx.escalations.get(escalation.id)
            name = named(now.by if now else None)
            self.learning.tell(tx, form, "organising.done_by", name=name)
        else:
            draft = tx.drafts.open_for(escalation.id)
            if draft is not None and tx.drafts.drop(draft, form.by):
                self._end(tx, replace(draft, state=DraftState.DROPPED, by=form.by))
            line = form.fields.get(LINE, "")
            self.replying.over(tx, escalation)
            closed = tx.escalations.get(escalation.id) or escalation
            for asker in () if is_blank(line) else closed.askers:
                card = self.learning.words.closed(line.strip(), asker)
                self.learning.reach(tx, closed, asker, card)
            self._refresh(tx, escalation.id)
            self.learning.tell(tx, form, "organising.closed_it")

    # --- buttons

    async def press(self, claimed: Claimed, press: Press) -> None:
        """Do what an organiser's button says."""
        refusal = await self.learning.refusal(press.by, press.on.place.platform)
        if refusal is not None:
            await self.offload.store(lambda tx: self._refuse(tx, claimed, press, refusal))
            return
        press = replace(press, by=await self.learning.named(press.by, press.on.place.platform))
        draft = await self.offload.store(lambda tx: self._meant(tx, press))
        gated = draft if press.action in (Action.PUBLISH, Action.ADD_PROPOSAL) else None
        found = await self.offload.compute(self.drafting.against, gated) if gated else ()
        await self.offload.store(lambda tx: self._press(tx, claimed, press, draft, found))
        self.published()

    def _meant(self, tx: Transaction, press: Press) -> Draft | None:
        """Return the version that a button is on, as it is now; None where it was written anew."""
        if press.action is Action.ADD_PROPOSAL:
            proposal = tx.proposals.get(press.about)
            entry = self.faq.entry(proposal.entry) if proposal else None
            if proposal is None or entry is None or proposal.state is not ProposalState.OPEN:
                return None
            return self.drafting.proposed(proposal, entry, press.by)
        if press.action is Action.WITHDRAW:  # also beside a newer draft
            id_ = press.argument.partition("-")[0]
            return next((each for each in tx.drafts.published() if each.id == id_), None)
        return self._version(tx, press.argument)

    def _press(
        self,
        tx: Transaction,
        claimed: Claimed,
        press: Press,
        draft: Draft | None,
        found: Sequence[Objection],
    ) -> None:
        tx.inbox.finish(claimed, "done")
        match press.action:
            case _ if draft is None:
                self._outdated(tx, press)
            case Action.PUBLISH if found:
                card = self._shown(draft, press.about, found)
                shown = tx.outbox.message(f"draft:{draft.id}:{draft.version}")
                edit(tx, shown or press.on, card, once=f"edit:{new_id()}")
                self.learning.tell(tx, press, "organising.look_again")
            case Action.PUBLISH | Action.PUBLISH_ANYWAY:
                over_gate = press.action is Action.PUBLISH_ANYWAY
                self._publish(tx, press, draft, press.by, over_gate=over_gate)
            case Action.DISCARD:
                self._discard(tx, press, draft)
            case Action.WITHDRAW:
                self._withdraw(tx, press, draft)
            case Action.ADD_PROPOSAL:
                self._propose(tx, press, draft, found)
            case _:
                self.learning.tell(tx, press, "error.unknown_button")

    def _publish(
        self, tx: Transaction, by: Form | Press, draft: Draft, who: Person, *, over_gate: bool
    ) -> None:
        """Publish a version, and tell everybody who waits for it."""
        writers = {draft.author.id, draft.replied.id if draft.replied else ""}
        if self.settings.review == "other" and who.id in writers:
            self.learning.tell(tx, by, "organising.needs_second")
            return
        if draft.kind is DraftKind.VARIANT and self.faq.entry(draft.entry) is None:
            self.learning.tell(tx, by, "organising.entry_gone")  # there is no answer to give
            return
        before = [each for each in tx.drafts.published() if each.id == draft.id]
        if not tx.drafts.publish(draft, who, over_gate=over_gate):
            now = tx.drafts.get(draft.id)
            self.learning.tell(tx, by, "organising.done_by", name=named(now.by if now else None))
            return
        for old in before:
            self._end(tx, replace(old, state=DraftState.REPLACED, by=who))
        escalation = tx.escalations.get(draft.escalation) if draft.escalation else None
        now = tx.drafts.get(draft.id)
        assert now is not None
        about = escalation.id if escalation is not None else draft.id
        to, in_files = self.faq.entry(now.entry), self.in_files(now)
        card = self.learning.words.published(now, about, to, in_files=in_files)
        once = f"draft:{draft.id}:{draft.version}"
        if not post(tx, self._thread(by, escalation), card, once=once):
            # Pressed before it was noted where the draft's card stands, the button says it.
            shown = tx.outbox.message(once) or (by.on if isinstance(by, Press) else None)
            assert shown is not None
            edit(tx, shown, card, once=f"edit:{new_id()}")
        key = "in_files" if in_files else f"published_{now.kind}"
        # A better wording of what they were told already is no news to them.
        if escalation is not None and escalation.stage is not Stage.PUBLISHED:
            tx.escalations.move(escalation, Stage.PUBLISHED, who)
            self.replying.over(tx, escalation)
            key = "published_it" if self._answer(tx, escalation.id, now) else key
        self.learning.tell(tx, by, f"organising.{key}")

    def _answer(self, tx: Transaction, escalation_id: str, published: Draft) -> bool:
        """Tell everybody who waits for an answer, also who joined just before it was published.

        Returns:
            Whether anybody waits: whoever asked may have been forgotten.
        """
        escalation = tx.escalations.get(escalation_id)
        assert escalation is not None
        entry = published.as_entry()
        if published.kind is DraftKind.VARIANT:
            entry = self.faq.entry(published.entry) or entry
        before = tx.drafts.withdrawn(escalation_id)
        for asker in escalation.askers:
            self.learning.answer(tx, escalation, asker, entry, before)
        self.learning.refresh(tx, escalation)
        return bool(escalation.askers)

    def _discard(self, tx: Transaction, press: Press, draft: Draft) -> None:
        if not tx.drafts.drop(draft, press.by):
            self._outdated(tx, press)
            return
        self._end(tx, replace(draft, state=DraftState.DROPPED, by=press.by))
        escalation = tx.escalations.get(draft.escalation) if draft.escalation else None
        if escalation is not None and escalation.stage is Stage.DRAFTED:
            tx.escalations.move(escalation, Stage.OPEN, press.by)
            self._refresh(tx, escalation.id)

    def _withdraw(self, tx: Transaction, press: Press, draft: Draft) -> None:
        """Take an entry or a wording out of the search; answers that were posted stay."""
        if not tx.drafts.withdraw(draft.id, press.by):
            self._outdated(tx, press)
            return
        self._end(tx, replace(draft, state=DraftState.WITHDRAWN, by=press.by))
        escalation = tx.escalations.get(draft.escalation) if draft.escalation else None
        if escalation is not None and escalation.stage is Stage.PUBLISHED:
            beside = tx.drafts.open_for(escalation.id)
            stage = Stage.OPEN if beside is None else Stage.DRAFTED
            tx.escalations.move(escalation, stage, press.by if beside is None else beside.author)
            self._refresh(tx, escalation.id)
        key = "withdrawn_in_files" if self.in_files(draft) else "withdrawn_it"
        self.learning.tell(tx, press, f"organising.{key}")

    def _propose(
        self, tx: Transaction, press: Press, draft: Draft, found: Sequence[Objection]
    ) -> None:
        """Make a wording that members showed one of its entry's, through the gate."""
        if not tx.proposals.settle(press.about, ProposalState.ADDED, press.by):
            self._outdated(tx, press)
            return
        tx.drafts.save(draft)
        if self._goes_at_once(draft, found):
            self._publish(tx, press, draft, press.by, over_gate=False)
            return
        card = self._shown(draft, draft.id, found)
        place = self._thread(press, None)
        post(tx, place, card, once=f"draft:{draft.id}:{draft.version}")

    def _outdated(self, tx: Transaction, press: Press) -> None:
        """Say who did before what a button does, or that its draft was written anew."""
        done = tx.drafts.get(press.argument.partition("-")[0]) or tx.proposals.get(press.about)
        open_ = (DraftState.DRAFT, DraftState.PUBLISHED, ProposalState.OPEN)
        if done is None or done.state in open_:
            self.learning.tell(tx, press, "organising.stale")
        else:
            self.learning.tell(tx, press, "organising.settled_by", name=named(done.by))

    # --- what all of them need

    def _goes_at_once(self, draft: Draft, found: Sequence[Objection]) -> bool:
        """Whether a draft needs no second look: a wording that nothing speaks against."""
        wording = draft.kind is DraftKind.VARIANT and self.faq.entry(draft.entry) is not None
        return wording and not found and self.settings.review != "other"

    def _shown(self, draft: Draft, about: str, found: Sequence[Objection]) -> Card:
        to, second = self.faq.entry(draft.entry), self.settings.review == "other"
        in_files = self.in_files(draft)
        return self.learning.words.draft(draft, about, found, to, second=second, in_files=in_files)

    def _end(self, tx: Transaction, draft: Draft) -> None:
        """Show on a version's card that it is no more."""
        shown = tx.outbox.message(f"draft:{draft.id}:{draft.version}")
        if shown is not None:
            card = self.learning.words.ended(draft, self.faq.entry(draft.entry))
            edit(tx, shown, card, once=f"edit:{new_id()}")

    def _refresh(self, tx: Transaction, escalation_id: str) -> None:
        if (escalation := tx.escalations.get(escalation_id)) is not None:
            self.learning.refresh(tx, escalation)
