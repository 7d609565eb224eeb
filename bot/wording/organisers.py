"""What organisers read and fill in: cards of their channel, and forms."""

import re
from collections.abc import Iterable, Sequence

from bot.domain.ask import Asker, Draft, DraftKind, Escalation, Proposal, Stage
from bot.domain.card import Button, Card, Choice, Field, Link, Part, Quote, Say, Sheet, Small
from bot.domain.entry import Entry
from bot.domain.inbound import QUESTION, Action, FormKind, Person
from bot.domain.retrieval import Hit
from bot.domain.text import one_line, shortened
from bot.gate import Clash, Objection
from bot.wording.members import CANDIDATE_LIMIT, Wording

LECTURER, TALK, ANSWER, MORE, LINKS = "lecturer", "talk", "answer", "more", "links"
ENTRY, LINE = "entry", "line"
"""Names of the forms' fields."""

JOINTS = {
    MORE: ("\n\n", re.compile(r"(?<=\S)\n\n(?=\S)")),
    "next": ("\n", re.compile(r"(?<=\S)\n(?=\S)")),
    "sentence": ("", re.compile(r"(?<=[。！？!?])(?=\S)")),
    "rest": ("", re.compile(r"(?<=\S)(?=\S)")),
}
"""What an answer's second field is called: what is put between it and the first one, and where an
answer is cut so. Blanks at the end of a field are lost, so there are none at a cut."""

MOST_CHOICES = 25
"""Things to choose from in a form: what every platform can show."""


TITLE_LIMIT = 80
"""Characters of a question that name the thread on its card."""


class Organising:
    """The organisers' words of one locale. Pure."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._say = wording.say
        self._button = wording.button

    def title(self, escalation: Escalation) -> str:
        """Name the thread on a question's card."""
        if not escalation.askers:
            return self._say("organising.forgotten")
        return shortened(escalation.text, TITLE_LIMIT)

    def question(
        self,
        escalation: Escalation,
        *,
        near: Sequence[Hit],
        lecturer: str,
        address: str | None,
        unreached: Sequence[Asker] = (),
        overheard: bool = True,
    ) -> Card:
        """Bring a question to the organisers, with everything that they need for it.

        Args:
            escalation: The question.
            near: The nearest entries.
            lecturer: Whom it is probably for; empty where nobody stands out.
            address: Where it was asked; empty where that was in private; None: nobody knows.
            unreached: Who couldn't be told the answer.
            overheard: Replies below the card reach the bot without a mention of it.
        """
        say = self._say
        if not escalation.askers:
            return Card((Say(say("organising.forgotten")),))
        parts: list[Part] = [Say(say("organising.arrived")), Quote(escalation.text)]
        first = escalation.askers[0]
        who = {"name": named(first.by), "platform": first.place.platform.capitalize()}
        parts.append(Small(say("organising.who", **who)))
        if address:
            parts.append(Link(say("organising.where"), address))
        elif address is not None:
            parts.append(Small(say("organising.private")))
        people = {each.by.id for each in escalation.askers}  # somebody may ask twice
        if len(people) > 1:
            parts.append(Small(say("organising.same", count=str(len(people)))))
        for hit in near:
            figure = f"{hit.confidence:.2f}"
            words = one_line(hit.entry.question, CANDIDATE_LIMIT)
            parts.append(Small(say("organising.near", question=words, confidence=figure)))
        if lecturer:
            parts.append(Small(say("organising.probably", lecturer=lecturer)))
        if escalation.stage is not Stage.OPEN:
            name = named(escalation.by)
            parts.append(Small(say(f"organising.{escalation.stage}", name=name)))
        if unreached:
            whom = {each.by.id: named(each.by) for each in unreached}
            names = say("answer.comma").join(whom.values())
            parts.append(Small(say("organising.unreached", names=names)))
        if escalation.waits and not overheard:
            parts.append(Small(say("organising.call")))
        actions = (Action.ANSWER, Action.ADD_WORDING, Action.CLOSE) if escalation.waits else ()
        return Card(tuple(parts), tuple(self._button(each, escalation.id) for each in actions))

    def draft(
        self,
        draft: Draft,
        about: str,
        found: Sequence[Objection],
        to: Entry | None = None,
        *,
        second: bool,
        in_files: bool,
    ) -> Card:
        """Show a draft as members will see it, and what it comes close to.

        Args:
            draft: An open version.
            about: What its buttons carry: the question's id, or the draft's own.
            found: What speaks against it.
            to: The entry that a wording is added to; None where it is no wording.
            second: Somebody else than its writers must publish it.
            in_files: The FAQ's files hold it too, and lead.
        """
        say = self._say
        parts = self._shown(draft, say(f"organising.draft_{draft.kind}"), to)
        if in_files:
            parts.append(Say(say("organising.in_files")))
        for each in found:
            parts.append(Say(self._objection(each)))
        if not found:
            parts.append(Small(say("organising.clear")))
        if second:
            parts.append(Small(say("organising.second")))
        publish = Action.PUBLISH_ANYWAY if found else Action.PUBLISH
        edits = () if draft.kind is DraftKind.VARIANT else (Action.EDIT,)
        return self._card(parts, (publish, *edits, Action.DISCARD), draft, about)

    def hidden(self, draft: Draft, about: str) -> Card:
        """Show a draft whose question held the words of somebody who wants to be forgotten."""
        parts = (Say(self._say("organising.forgotten")),)
        return self._card(parts, (Action.EDIT, Action.DISCARD), draft, about)

    def published(
        self, draft: Draft, about: str, to: Entry | None = None, *, in_files: bool
    ) -> Card:
        """Show what was published, by whom, and how to go back; the rest is as in ``draft``."""
        say = self._say
        parts = self._shown(draft, say("organising.is_published"), to)
        names = {"author": named(draft.author), "approver": named(draft.approver)}
        parts.append(Small(say("organising.names", **names)))
        if in_files:
            parts.append(Say(say("organising.in_files")))
        if draft.over_gate:
            parts.append(Small(say("organising.over_gate")))
        edits = () if draft.kind is DraftKind.VARIANT else (Action.EDIT,)
        return self._card(parts, (*edits, Action.WITHDRAW), draft, about)

    def ended(self, draft: Draft, to: Entry | None = None) -> Card:
        """Show a version that is no more: written anew, given up or taken back."""
        line = self._say(f"organising.is_{draft.state}", name=named(draft.by))
        return Card(tuple(self._shown(draft, line, to)))

    def answer_sheet(
        self,
        about: str,
        given: Draft,
        answer: tuple[str, str, str],
        lecturers: Sequence[str],
        talks: Sequence[str],
    ) -> Sheet:
        """Return the form of an answer.

        Args:
            about: Comes back with it.
            given: What it is filled in with; its author and state don't matter.
            answer: Its answer: what the first field holds, the second one's name and text.
            lecturers: The known ones, the likeliest first.
            talks: The known ones, the likeliest first.
        """
        say = self._say
        start, name, rest = answer
        fields = (
            Field(
                LECTURER,
                say("organising.lecturer"),
                say("organising.lecturer_hint"),
                text=given.lecturer,
                choices=_choices(lecturers),
            ),
            Field(
                TALK, say("organising.talk"), say("organising.talk_hint"), given.talk,
                needed=False, choices=_choices(talks), spare=True,
            ),
            Field(QUESTION, say("organising.question"), text=given.question, lines=True),
            Field(ANSWER, say("organising.answer"), text=start, lines=True),
            Field(name, say("organising.more"), text=rest, lines=True, needed=False),
            Field(
                LINKS, say("organising.links"), say("organising.links_hint"),
                "\n".join(given.links), lines=True, needed=False,
            ),
        )  # fmt: skip
        title, submit = say("organising.answer_title"), say("organising.save")
        close = say("escalation.close")
        return Sheet(title, close, submit, FormKind.ANSWER, about, fields=fields)

    def wording_sheet(self, about: str, text: str, near: Iterable[Entry]) -> Sheet:
        """Return the form that makes a question a further wording of an entry, nearest first."""
        say = self._say
        choices = self.choices(near)[:MOST_CHOICES]
        fields = (
            Field(
                ENTRY,
                say("organising.entry"),
                say("organising.entry_hint"),
                choices=choices,
                completes=True,
            ),
            Field(QUESTION, say("organising.wording"), text=text, lines=True),
        )
        title, submit = say("label.wording"), say("organising.add")
        close = say("escalation.close")
        return Sheet(title, close, submit, FormKind.WORDING, about, fields=fields)

    def choices(self, entries: Iterable[Entry]) -> tuple[Choice, ...]:
        """Return entries as what may be chosen in a form."""
        return tuple(Choice(entry.id, self._named(entry)) for entry in entries)

    def closing_sheet(self, about: str) -> Sheet:
        """Return the form that closes a question without an answer."""
        say = self._say
        label, hint = say("organising.line"), say("organising.line_hint")
        fields = (Field(LINE, label, hint, lines=True, needed=False),)
        title, submit = say("label.close"), say("organising.close_it")
        close = say("escalation.close")
        return Sheet(title, close, submit, FormKind.CLOSING, about, fields=fields)

    def reply(self, about: str) -> Card:
        """Offer to make a reply in a question's thread its answer."""
        button = self._button(Action.USE_REPLY, about)
        return Card((Say(self._say("organising.use_reply")),), (button,))

    def told(self, answer: Card, asker: Asker, *, again: bool) -> Card:
        """Tell somebody that their question was answered, by the card of the answer.

        Args:
            answer: The card of the answer.
            asker: Who asked.
            again: They were told another answer, which was taken back.
        """
        intro = Say(self._say("organising.answered_again" if again else "organising.answered"))
        asked = Small(self._say("organising.asked", question=one_line(asker.text, CANDIDATE_LIMIT)))
        return Card((intro, asked, *answer.parts), answer.buttons, ping=asker.by.id)

    def closed(self, line: str, asker: Asker) -> Card:
        """Tell somebody why their question isn't answered."""
        intro = Say(self._say("organising.closed_intro"))
        asked = Small(self._say("organising.asked", question=one_line(asker.text, CANDIDATE_LIMIT)))
        return Card((intro, asked, Quote(line)), ping=asker.by.id)

    def digest(
        self,
        lines: Sequence[str],
        proposals: Sequence[tuple[Proposal, Entry]],
    ) -> Card:
        """Show what a week brought, and wordings to add.

        Args:
            lines: The week in sentences.
            proposals: At most three, each with its entry.
        """
        say = self._say
        parts: list[Part] = [Say(say("digest.title")), *map(Say, lines)]
        buttons = []
        for number, (proposal, entry) in enumerate(proposals, start=1):
            words, times = one_line(proposal.words, CANDIDATE_LIMIT), sum(proposal.signs.values())
            named = one_line(entry.question, CANDIDATE_LIMIT)
            line = {"number": str(number), "words": words, "question": named, "times": str(times)}
            parts.append(Say(say("digest.proposal", **line)))
            label = say("digest.add", number=str(number))
            buttons.append(Button(label, Action.ADD_PROPOSAL, proposal.id))
        return Card(tuple(parts), tuple(buttons))

    def _shown(self, draft: Draft, heading: str, to: Entry | None) -> list[Part]:
        """Return a draft's parts: as members will see it; of a wording, what will be answered."""
        if draft.kind is not DraftKind.VARIANT:
            return [Say(heading), *self._wording.entry(draft.as_entry()).parts]
        added = self._say("organising.added_to", entry=self._named(to)) if to else ""
        return [Say(heading), Quote(draft.question), *([Small(added)] if added else [])]

    def _card(
        self, parts: Sequence[Part], actions: Iterable[Action], draft: Draft, about: str
    ) -> Card:
        carried = f"{draft.id}-{draft.version}"
        return Card(tuple(parts), tuple(self._button(each, about, carried) for each in actions))

    def _objection(self, objection: Objection) -> str:
        figure = f"{objection.figure:.2f}"
        if objection.clash is Clash.TAKES:
            figure = f"{objection.figure:.0%}"
        words = one_line(objection.wording, CANDIDATE_LIMIT)
        other = self._named(objection.other)
        return self._say(f"clash.{objection.clash}", other=other, figure=figure, wording=words)

    def _named(self, entry: Entry) -> str:
        lecturer = self._wording.lecturer(entry)
        question = one_line(entry.question, 80)
        return f"{question}（{lecturer}）" if lecturer else question


def named(person: Person | None) -> str:
    """Return what somebody who did something is called in a line about it."""
    return (person.name or person.id) if person is not None else "？"


def _choices(values: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(each, each) for each in dict.fromkeys(filter(None, values)))[:MOST_CHOICES]
