"""What an organiser's form holds as a version of a draft, and what speaks against it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.desk.posting import new_id
from bot.domain.ask import Ask, Draft, DraftKind, DraftState, Escalation, Proposal
from bot.domain.card import Card, Sheet
from bot.domain.entry import Entry
from bot.domain.inbound import QUESTION, Action, Form, FormKind, Person, Press
from bot.domain.links import is_address
from bot.domain.ports import Faq
from bot.domain.text import is_blank, person_key, question_key, shortened, utf16_length
from bot.gate import Objection, objections
from bot.wording import (
    ANSWER,
    ENTRY,
    JOINTS,
    LECTURER,
    LINKS,
    MORE,
    TALK,
    Organising,
    Wording,
    named,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a button that opens a form is about.

    Attributes:
        draft: The question's open draft; of 「直す」, the version that is edited.
        escalation: The question.
        reply: What somebody said in the question's thread, where the answer is to be that.
    """

    draft: Draft | None = None
    escalation: Escalation | None = None
    reply: Ask | None = None


@dataclass(frozen=True, slots=True)
class Drafting:
    """Forms to drafts, and back. It writes nothing."""

    faq: Faq
    wording: Wording
    words: Organising

    def opens(self, press: Press, known: Known, likely: Entry | None, room: int) -> Card | Sheet:
        """Return the form that a button opens, or why it doesn't. It may search.

        Args:
            press: The button.
            known: What it is about.
            likely: An entry of the lecturer whom the question is probably for.
            room: What one field of the form takes, in UTF-16 units.
        """
        escalation, reply = known.escalation, known.reply
        draft = known.draft
        if press.action is Action.EDIT:
            if draft is None:
                return self.wording.line("organising.stale")
            return self._sheet(press.argument, draft, room)
        if escalation is None:
            return self.wording.line("error.unknown_button")
        if not escalation.waits:
            return self.wording.line("organising.done_by", name=named(escalation.by))
        if press.action is Action.CLOSE:
            return self.words.closing_sheet(escalation.id)
        wording = draft is not None and draft.kind is DraftKind.VARIANT
        if draft is not None and (wording or press.action is Action.ADD_WORDING):
            # There is one draft at a time: this form could never be saved.
            name, discard = named(draft.author), self.wording.say("label.discard")
            return self.wording.line("organising.draft_first", name=name, discard=discard)
        if press.action is Action.ADD_WORDING:
            hits = self.faq.reply(escalation.text, True)[1].hits
            near = dict.fromkeys((*(hit.entry for hit in hits), *self.faq.entries))
            words = shortened(escalation.text, room)
            return self.words.wording_sheet(escalation.id, words, near)
        if draft is None:
            draft, about = self._blank(escalation, press.by, likely, room), press.about
        else:
            # With a reply it goes into this version: somebody may write that anew meanwhile.
            about = "-".join((draft.id, str(draft.version), *([press.about] if reply else ())))
        return self._sheet(about, replace(draft, answer=reply.text or "") if reply else draft, room)

    def _blank(self, escalation: Escalation, by: Person, likely: Entry | None, room: int) -> Draft:
        """Return what the form of a new answer is filled in with.

        Args:
            escalation: The question.
            by: Who writes.
            likely: An entry of the lecturer whom it is probably for.
            room: What one field of the form takes.
        """
        own = {each.talk for each in self.faq.entries if likely and _same(each, likely.lecturer)}
        talk = own.pop() if len(own) == 1 else ""
        draft = _empty(DraftKind.ENTRY, escalation.id, by)
        lecturer = likely.lecturer if likely else ""
        return replace(
            draft, lecturer=lecturer, talk=talk, question=shortened(escalation.text, room)
        )

    def _sheet(self, about: str, draft: Draft, room: int) -> Sheet | Card:
        """Return the form of an answer, filled in with a draft; a line where it has no room.

        Args:
            about: Comes back with it.
            draft: What it is filled in with.
            room: What one of its fields takes, in UTF-16 units.
        """
        answer = _in_two(draft.answer, room)
        others = (draft.question, "\n".join(draft.links))
        if answer is None or any(utf16_length(each) > room for each in others):
            return self.wording.line("organising.too_long", most=f"{2 * room:,}")
        entries = self.faq.entries
        lecturers = (draft.lecturer, *(each.lecturer for each in entries))
        own = (each.talk for each in entries if _same(each, draft.lecturer))
        talks = (draft.talk, *own, *(each.talk for each in entries))
        return self.words.answer_sheet(about, draft, answer, lecturers, talks)

    def fault(self, form: Form) -> Card | None:
        """Say what is wrong with a form, before anything is kept of it; None where it is right."""
        needed = {FormKind.ANSWER: (LECTURER, QUESTION, ANSWER), FormKind.WORDING: (QUESTION,)}
        for name in needed.get(form.kind, ()):
            given = form.fields.get(name, "")
            if is_blank(person_key(given) if name == LECTURER else given):  # 先生 alone is nobody
                field = self.wording.say(f"organising.{name}")
                return self.wording.line("organising.needed", field=field)
        for line in _lines(form.fields.get(LINKS, "")):
            if not is_address(line):
                return self.wording.line("organising.no_address", line=shortened(line, 80))
        if form.kind is FormKind.WORDING and self.chosen(form) is None:
            return self.wording.line("organising.no_entry")
        return None

    def chosen(self, form: Form) -> Entry | None:
        """Return the entry that was chosen, by its id, or typed, by enough of its question."""
        given = form.fields.get(ENTRY, "").strip()
        found = self.faq.complete(given, 2) if given else ()
        same = (each for each in found if question_key(each.question) == question_key(given))
        typed = found[0] if len(found) == 1 else next(same, None)
        return self.faq.entry(given) or typed

    def next(
        self,
        form: Form,
        escalation: Escalation | None,
        before: Draft | None,
        reply: Ask | None,
        ids: Iterator[str],
    ) -> Draft:
        """Return what a form holds as the next version of its question's draft.

        Args:
            form: An answer, or a wording.
            escalation: The question; None where the draft is about none.
            before: The newest version that there is; None where there is none.
            reply: What somebody said in the question's thread, where the answer is that.
            ids: Ids that no entry has, the best first.
        """
        given = {name: text.strip() for name, text in form.fields.items()}
        chosen = self.chosen(form) if form.kind is FormKind.WORDING else None
        kind = DraftKind.ENTRY if chosen is None else DraftKind.VARIANT
        if before is None or before.kind is not kind or before.state is DraftState.DROPPED:
            about = escalation.id if escalation is not None else form.about
            before = _empty(kind, about, form.by)
        draft = replace(
            before, version=before.version + 1, author=form.by, question=given[QUESTION]
        )
        if chosen is not None:
            return replace(draft, entry=chosen.id, lecturer=chosen.lecturer, talk=chosen.talk)
        lecturer = given[LECTURER].removesuffix("先生").strip()
        own = [each for each in self.faq.entries if _same(each, lecturer)]
        talks = {each.talk for each in own}
        own_talk = next(iter(talks)) if len(talks) == 1 else ""
        # A form that has no room for the talk doesn't clear it.
        talk = given.get(TALK, draft.talk or own_talk)
        # The form was filled in with the talk of whoever it had guessed.
        if talk and talk not in talks and person_key(draft.lecturer) != person_key(lecturer):
            spoken = {each.talk for each in self.faq.entries if each.id != draft.entry}
            talk = own_talk if talk in spoken else talk
        more = (joint + given[name] for name, (joint, _) in JOINTS.items() if given.get(name))
        return replace(
            draft,
            entry=draft.entry or next(ids),
            lecturer=own[0].lecturer if own else lecturer,
            talk=talk,
            answer=given[ANSWER] + next(more, ""),
            links=tuple(dict.fromkeys(_lines(given.get(LINKS, "")))),
            replied=Person(reply.asker) if reply is not None else draft.replied,
        )

    def proposed(self, proposal: Proposal, entry: Entry, by: Person) -> Draft:
        """Return a wording that members showed as a draft."""
        draft = replace(_empty(DraftKind.VARIANT, "", by), id=proposal.id, version=1)
        lecturer, talk = entry.lecturer, entry.talk
        return replace(draft, entry=entry.id, lecturer=lecturer, talk=talk, question=proposal.words)

    def against(self, draft: Draft) -> tuple[Objection, ...]:
        """Find what speaks against publishing a draft."""
        entries, entry = self.faq.entries, draft.as_entry()
        wordings = [draft.question]
        if draft.kind is DraftKind.VARIANT:
            known = self.faq.entry(draft.entry)
            if known is None:
                return ()
            entry = replace(known, variants=(*known.variants, draft.question))
        return objections(entry, wordings, entries, self.faq.preview)


def _empty(kind: DraftKind, about: str, by: Person) -> Draft:
    """Return a draft that holds nothing yet."""
    return Draft(
        id=new_id(), version=0, kind=kind, entry="", escalation=about, lecturer="", talk="",
        question="", answer="", links=(), variants=(), author=by,
    )  # fmt: skip


def _same(entry: Entry, lecturer: str) -> bool:
    return person_key(entry.lecturer) == person_key(lecturer)


def _in_two(text: str, room: int) -> tuple[str, str, str] | None:
    """Cut an answer for two fields, so that what comes back is the answer again.

    Returns:
        What the first field holds, and the second one's name and text; None where both together
        have no room for it. The name says how they are put together.
    """
    if utf16_length(text) <= room:
        return text, MORE, ""
    reach = room
    while utf16_length(text[:reach]) > room:
        reach -= 1
    for name, (joint, cuts) in JOINTS.items():
        found = (each.start() for each in cuts.finditer(text))
        for cut in reversed([each for each in found if each <= reach]):
            rest = text[cut + len(joint) :]
            if utf16_length(rest) > room:
                break
            return text[:cut], name, rest
    return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
