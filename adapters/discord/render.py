"""Cards as Discord messages and forms. Pure: a card in, the JSON of a message out.

The bot's own words are a message's text; a lecturer's words stand apart in an embed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import assert_never

from adapters.common.split import split
from adapters.discord import limits
from adapters.discord.markdown import escape, escaped_parts, linked_lines
from bot.domain.card import (
    Button,
    Card,
    Credit,
    Field,
    Link,
    Pages,
    Part,
    Quote,
    Say,
    Sheet,
    Small,
    Talk,
)
from bot.domain.inbound import Action, FormKind
from bot.domain.links import addresses
from bot.domain.text import shortened, utf16_length

Json = dict[str, object]

BUTTON = "faq"
"""What the ids of the bot's buttons start with: ``faq:<action>:<ask>:<argument>``."""
FORM = "faq:form"
"""What the ids of forms start with: ``faq:form:<about>`` asks the lecturers, any other kind of form
is ``faq:form:<kind>:<about>``."""
QUESTION_FIELD = "text"
"""The name of the field in the form that asks the lecturers."""
TYPED = ":typed"
"""What follows a field's name where something else than its choices may be typed."""
OPEN, PAGE = "faq-list:open", "faq-list:page"
"""What the ids of the list's menu and buttons start with; a button's page follows."""
KEEP, SURE, DELETE = (f"faq-privacy:{step}" for step in ("keep", "sure", "delete"))
"""The ids of the buttons below what is said about somebody's data: each leads one step on."""
QUIET: Json = {"parse": [], "replied_user": False}
"""Nobody is pinged, whatever the words say."""

_ASKED = 300
"""Characters that are shown of a question above its answer."""
_SMALL = "-# "
_COLOUR = 0x5865F2
_PRIMARY, _SECONDARY, _DANGER = 1, 2, 4
_ROW, _BUTTON, _SELECT, _INPUT, _LABEL = 1, 2, 3, 4, 18
_LINE, _PARAGRAPH = 1, 2
_LISTED, _LISTED_NAME = 80, 100
"""Characters of a question, and of a talk or a name, in the list: a full page fits, even where each
of them must be escaped. A question is shown whole with its answer."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One message, drawn."""

    content: str = field(default="", repr=False)
    embeds: tuple[Json, ...] = field(default=(), repr=False)
    components: tuple[Json, ...] = field(default=(), repr=False)
    ping: str | None = None

    def payload(self) -> Json:
        """Return it as Discord takes it; also in the place of another message."""
        mentions = QUIET if self.ping is None else {**QUIET, "users": [self.ping]}
        return {
            "content": self.content,
            "embeds": list(self.embeds),
            "components": list(self.components),
            "allowed_mentions": mentions,
        }


@dataclass(slots=True)
class _Draft:
    """A message that is being filled."""

    lines: list[str] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)

    def takes_line(self, line: str) -> bool:
        return not self.embeds and utf16_length("\n".join((*self.lines, line))) <= limits.CONTENT

    def takes_embed(self, embed: Json) -> bool:
        size = sum(map(embed_length, (*self.embeds, embed)))
        return len(self.embeds) < limits.EMBEDS and size <= limits.EMBEDS_TEXT


def messages(card: Card, asked: str = "") -> tuple[Drawn, ...]:
    """Draw a card as the messages it needs, in order; mostly one.

    Args:
        card: What is said.
        asked: The question, to be shown above it; empty where it is seen anyway.
    """
    drafts = [_Draft()]
    if asked:
        drafts[0].lines.append(f"> {escape(shortened(' '.join(asked.split()), _ASKED))}")
    if card.ping is not None:
        drafts[0].lines.append(f"<@{card.ping}>")
    before: Part | None = None
    for part, after in zip_longest(card.parts, card.parts[1:]):
        if not (isinstance(before, Quote) and isinstance(part, Credit)):  # drawn with the quote
            _draw(drafts, part, after if isinstance(after, Credit) else None)
        before = part
    rows = tuple(button_rows(card.buttons))
    last = len(drafts) - 1
    return tuple(
        Drawn(
            "\n".join(draft.lines),
            tuple(draft.embeds),
            rows if number == last else (),
            card.ping if number == 0 else None,
        )
        for number, draft in enumerate(drafts)
    )


def plain_messages(card: Card) -> tuple[Drawn, ...]:
    """Write a card without embeds and buttons: what is left to try when Discord refuses them."""
    whole = "\n\n".join(_words(part) for part in card.parts)
    links = [link for part in card.parts if isinstance(part, Credit) for link in part.links]
    return tuple(Drawn(part) for part in escaped_parts(whole, limits.CONTENT, links))


def form(sheet: Sheet) -> Json:
    """Draw a form."""
    asks = sheet.kind is FormKind.QUESTION
    kind = "" if asks else f"{sheet.kind}:"
    about = sheet.about[: limits.CUSTOM_ID - len(f"{FORM}:{kind}")]
    fields = [field for field in sheet.fields if not field.spare]
    room = limits.MODAL_FIELDS - len(fields)
    drawn: list[Json] = []
    for each in fields:
        choices = _choices(each)
        name = QUESTION_FIELD if asks else each.name
        # What may be typed as well takes a second field; without room for it, it is only typed.
        both = bool(choices) and each.typed and room > 0
        if choices and (both or not each.typed):
            drawn.append(_select(each, name, choices, needed=each.needed and not both))
        if both:
            room -= 1
            others = replace(each, text="", needed=False)
            drawn.append(_input(others, f"{name}{TYPED}"))
        elif each.typed or not choices:
            drawn.append(_input(each, name))
    return {
        "custom_id": f"{FORM}:{kind}{about}",
        "title": shortened(sheet.title, limits.MODAL_TITLE),
        "components": drawn[: limits.MODAL_FIELDS],
    }


def page(pages: Pages) -> Json:
    """Draw a page of the list: the talks, a menu of their questions, and buttons to turn."""
    options = [
        {
            "label": shortened(f"{number}. {entry.question}", limits.OPTION_LABEL),
            "value": entry.id[: limits.OPTION_LABEL],
            **_described(talk),
        }
        for talk in pages.talks
        for number, entry in enumerate(talk.entries, talk.first + 1)
    ]
    turns = [(pages.previous, pages.number - 1), (pages.next, pages.number + 1)]
    turning = [
        {"type": _BUTTON, "style": _SECONDARY, "custom_id": f"{PAGE}:{number}",
         "label": shortened(label, limits.BUTTON_LABEL)}
        for label, number in turns
        if 0 <= number < pages.count
    ]  # fmt: skip
    menu: Json = {"type": _SELECT, "custom_id": OPEN, "options": options,
                  "placeholder": shortened(pages.open, limits.PLACEHOLDER)}  # fmt: skip
    rows = [[menu] if options else [], turning]
    return {
        "content": escape(pages.intro),
        "embeds": [_listed(talk) for talk in pages.talks],
        "components": [{"type": _ROW, "components": row} for row in rows if row],
        "allowed_mentions": QUIET,
    }


def privacy(sheet: Sheet, *, sure: bool) -> Json:
    """Draw what becomes of somebody's data: a button that deletes it, which is pressed twice.

    Args:
        sheet: What is said, and what its two buttons are called.
        sure: It was pressed once.
    """
    steps = (
        ((DELETE, sheet.submit, _DANGER), (KEEP, sheet.close, _SECONDARY))
        if sure
        else ((SURE, sheet.title, _SECONDARY),)
    )
    row = [
        {"type": _BUTTON, "style": style, "custom_id": id_,
         "label": shortened(label, limits.BUTTON_LABEL)}
        for id_, label, style in steps
    ]  # fmt: skip
    (drawn,) = messages(Card(sheet.parts))
    return {**drawn.payload(), "components": [{"type": _ROW, "components": row}]}


def button_rows(buttons: Sequence[Button]) -> Iterator[Json]:
    """Draw buttons, five to a row; their ids say everything, so that they work after a restart."""
    for start in range(0, len(buttons), limits.ROW_BUTTONS):
        row = buttons[start : start + limits.ROW_BUTTONS]
        yield {"type": _ROW, "components": [_button(each) for each in row]}


def embed_length(embed: Json) -> int:
    """Count what Discord counts of an embed."""
    return sum(map(utf16_length, embed_texts(embed)))


def embed_texts(embed: Json) -> Iterator[str]:
    """Yield all the words of an embed, from top to bottom."""
    for value in (embed.get("author"), embed.get("title"), embed.get("description"),
                  *_list(embed.get("fields")), embed.get("footer")):  # fmt: skip
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from (str(value[key]) for key in ("name", "value", "text") if value.get(key))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _draw(drafts: list[_Draft], part: Part, credit: Credit | None) -> None:
    match part:
        case Say(text):
            _say(drafts, text)
        case Quote(text):
            _quote(drafts, text, credit or Credit("", ""))
        case Credit():
            _quote(drafts, "", part)
        case Small(text):
            _small(drafts, text)
        case Link(text, address):
            _link(drafts, f"[{escape(text)}](<{address}>)")
        case _:
            assert_never(part)


def _say(drafts: list[_Draft], text: str) -> None:
    """Write the bot's words: above the embeds, or in one of their own below them."""
    if drafts[-1].embeds:
        for words in escaped_parts(text, limits.DESCRIPTION):
            _add(drafts, {"description": words})
        return
    for words in escaped_parts(text, limits.CONTENT):
        if not drafts[-1].takes_line(words):
            drafts.append(_Draft())
        drafts[-1].lines.append(words)


def _quote(drafts: list[_Draft], text: str, credit: Credit) -> None:
    """Show a lecturer's words: the name above them, the links and the talk below."""
    embeds: list[Json] = [
        {"description": words, "color": _COLOUR}
        for words in escaped_parts(text, limits.DESCRIPTION)
    ] or [{"color": _COLOUR}]
    if credit.lecturer:
        embeds[0]["author"] = {"name": shortened(credit.lecturer, limits.AUTHOR)}
    below: list[Json] = [
        {"fields": [{"name": "🔗", "value": links}]}
        if utf16_length(links) <= limits.FIELD_VALUE
        else {"description": links}
        for links in linked_lines(credit.links, limits.FIELD_VALUE)
    ]
    if credit.talk:
        footer = {"text": shortened(credit.talk, limits.FOOTER // 2)}
        below[-1:] = [{**(below[-1] if below else {}), "footer": footer}]
    for each in below:
        joined = {**embeds[-1], **each}
        if embeds[-1].keys().isdisjoint(each.keys()) and embed_length(joined) <= limits.EMBEDS_TEXT:
            embeds[-1] = joined
        else:
            embeds.append({**each, "color": _COLOUR})
    for embed in embeds:
        if embed_length(embed):
            _add(drafts, embed)


def _small(drafts: list[_Draft], text: str) -> None:
    """Write a side note: into the footer of the embed above it, else in small print."""
    draft = drafts[-1]
    if not draft.embeds:
        for line in text.splitlines():
            for words in escaped_parts(line, limits.CONTENT - len(_SMALL)):
                _line(drafts, _SMALL + words)
        return
    embed = draft.embeds[-1]
    talk = next(iter(embed_texts({"footer": embed.get("footer")})), "")
    footer = f"{talk}\n{text}" if talk else text
    noted = {**embed, "footer": {"text": footer}}
    fits = utf16_length(footer) <= limits.FOOTER
    if fits and _Draft(embeds=draft.embeds[:-1]).takes_embed(noted):
        draft.embeds[-1] = noted
    else:
        for words in split(text, limits.FOOTER):
            _add(drafts, {"footer": {"text": words}})


def _link(drafts: list[_Draft], link: str) -> None:
    if drafts[-1].embeds:
        _add(drafts, {"description": link})
    else:
        _line(drafts, link)


def _line(drafts: list[_Draft], line: str) -> None:
    if not drafts[-1].takes_line(line):
        drafts.append(_Draft())
    drafts[-1].lines.append(line)


def _add(drafts: list[_Draft], embed: Json) -> None:
    if not drafts[-1].takes_embed(embed):
        drafts.append(_Draft())
    drafts[-1].embeds.append(embed)


def _choices(field: Field) -> list[Json]:
    """Return what can be chosen in a field; what Discord can't carry is left to be typed."""
    options: list[Json] = [
        {"label": shortened(each.label, limits.OPTION_LABEL), "value": each.value,
         "default": each.value == field.text}
        for each in field.choices
        if 0 < utf16_length(each.value) <= limits.OPTION_VALUE
    ]  # fmt: skip
    return options[: limits.OPTIONS]


def _select(field: Field, name: str, options: list[Json], *, needed: bool) -> Json:
    """Draw a field to choose in."""
    menu: Json = {"type": _SELECT, "custom_id": name, "required": needed, "options": options}
    return _labelled(field.label, "", menu)


def _input(field: Field, name: str) -> Json:
    """Draw a field to type into."""
    entry: Json = {
        "type": _INPUT,
        "custom_id": name,
        "style": _PARAGRAPH if field.lines else _LINE,
        "required": field.needed,
        "max_length": limits.INPUT_VALUE,
    }
    if field.text:
        entry["value"] = split(field.text, limits.INPUT_VALUE)[0]
    return _labelled(field.label, field.hint, entry)


def _labelled(label: str, hint: str, entry: Json) -> Json:
    """Put a label above what is filled in."""
    labelled: Json = {
        "type": _LABEL,
        "label": shortened(label, limits.INPUT_LABEL),
        "component": entry,
    }
    if hint:
        labelled["description"] = shortened(hint, limits.INPUT_PLACEHOLDER)
    return labelled


def _listed(talk: Talk) -> Json:
    """Draw a talk's questions."""
    lines = (
        f"{number}\\. {escape(shortened(entry.question, _LISTED), addresses(entry.question))}"
        for number, entry in enumerate(talk.entries, talk.first + 1)
    )
    embed: Json = {"description": "\n".join(lines)}
    if talk.title:
        embed["title"] = escape(shortened(talk.title, _LISTED_NAME))
    if talk.lecturer:
        embed["author"] = {"name": shortened(talk.lecturer, _LISTED_NAME)}
    return embed


def _described(talk: Talk) -> Json:
    """Say in the menu whose question it is, and of which talk."""
    about = " / ".join(filter(None, (talk.lecturer, talk.title)))
    return {"description": shortened(about, limits.OPTION_LABEL)} if about else {}


def _button(button: Button) -> Json:
    return {
        "type": _BUTTON,
        "style": _PRIMARY if button.action is Action.CHOOSE else _SECONDARY,
        "label": shortened(button.label, limits.BUTTON_LABEL),
        "custom_id": f"{BUTTON}:{button.action.value}:{button.about}:{button.argument}",
    }


def _words(part: Part) -> str:
    match part:
        case Say(text) | Quote(text) | Small(text):
            return text
        case Link(text, address):
            return f"{text}: {address}"
        case Credit(lecturer, talk, links):
            return "\n".join((*filter(None, (lecturer, talk)), *links))
        case _:
            assert_never(part)
