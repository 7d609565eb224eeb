"""Forms, the list, and what is said of somebody's data. Pure: pages and sheets in, JSON out."""

from dataclasses import replace

from adapters.common import TYPED
from adapters.discord.render import DANGER, QUIET, Json, button, escape, messages, row
from bot.domain.card import Card, Field, Pages, Sheet, Talk
from bot.domain.inbound import FormKind
from bot.domain.links import addresses
from bot.domain.text import one_line, shortened, utf16_length

FORM = "faq:form"
"""What the ids of forms start with: ``faq:form:<about>`` asks the lecturers, any other kind of form
is ``faq:form:<kind>:<about>``."""
QUESTION_FIELD = "text"
"""The name of the field in the form that asks the lecturers."""
OPEN, PAGE = "faq-list:open", "faq-list:page"
"""What the ids of the list's menu and buttons start with; a button's page follows."""
KEEP, SURE, DELETE = (f"faq-privacy:{step}" for step in ("keep", "sure", "delete"))
"""The ids of the buttons below what is said about somebody's data: each leads one step on."""

# What Discord accepts. Lengths are in characters, counted as UTF-16 units to be safe.
CUSTOM_ID = 100
OPTIONS = 25
OPTION_LABEL = OPTION_VALUE = 100
PLACEHOLDER = 150
MODAL_TITLE = 45
MODAL_FIELDS = 5
INPUT_LABEL = 45
INPUT_PLACEHOLDER = 100
INPUT_VALUE = 4000

_SELECT, _INPUT, _LABEL = 3, 4, 18
_LINE, _PARAGRAPH = 1, 2
_LISTED, _LISTED_NAME = 80, 100
"""Characters of a question, and of a talk or a name, in the list: a full page fits, even where each
of them must be escaped. A question is shown whole with its answer."""


def form(sheet: Sheet) -> Json:
    """Draw a form."""
    asks = sheet.kind is FormKind.QUESTION
    kind = "" if asks else f"{sheet.kind}:"
    about = sheet.about[: CUSTOM_ID - len(f"{FORM}:{kind}")]
    fields = [field for field in sheet.fields if not field.spare]
    room = MODAL_FIELDS - len(fields)
    drawn: list[Json] = []
    for each in fields:
        choices = _choices(each)
        name = QUESTION_FIELD if asks else each.name
        # What may be typed as well takes a second field; without room for it, it is only typed.
        both = bool(choices) and each.typed and room > 0
        if choices and (both or not each.typed):
            menu: Json = {"type": _SELECT, "custom_id": name, "options": choices}
            menu["required"] = each.needed and not both
            drawn.append(_labelled(each.label, "", menu))
        if both:
            room -= 1
            others = replace(each, text="", needed=False)
            drawn.append(_input(others, f"{name}{TYPED}"))
        elif each.typed or not choices:
            drawn.append(_input(each, name))
    return {
        "custom_id": f"{FORM}:{kind}{about}",
        "title": shortened(sheet.title, MODAL_TITLE),
        "components": drawn[:MODAL_FIELDS],
    }


def page(pages: Pages) -> Json:
    """Draw a page of the list: the talks, a menu of their questions, and buttons to turn."""
    options = [
        {
            "label": one_line(f"{number}. {entry.question}", OPTION_LABEL),
            "value": entry.id[:OPTION_LABEL],
            **_described(talk),
        }
        for talk in pages.talks
        for number, entry in enumerate(talk.entries, talk.first + 1)
    ]
    turns = [(pages.previous, pages.number - 1), (pages.next, pages.number + 1)]
    turning = [
        button(label, f"{PAGE}:{number}") for label, number in turns if 0 <= number < pages.count
    ]
    menu: Json = {"type": _SELECT, "custom_id": OPEN, "options": options,
                  "placeholder": shortened(pages.open, PLACEHOLDER)}  # fmt: skip
    rows = [[menu] if options else [], turning]
    return {
        "content": escape(pages.intro),
        "embeds": [_listed(talk) for talk in pages.talks],
        "components": [row(*each) for each in rows if each],
        "allowed_mentions": QUIET,
    }


def privacy(sheet: Sheet, *, sure: bool) -> Json:
    """Draw what becomes of somebody's data: a button that deletes it, which is pressed twice.

    Args:
        sheet: What is said, and what its two buttons are called.
        sure: It was pressed once.
    """
    steps = (
        (button(sheet.submit, DELETE, DANGER), button(sheet.close, KEEP))
        if sure
        else (button(sheet.title, SURE),)
    )
    (drawn,) = messages(Card(sheet.parts))
    return {**drawn.payload(), "components": [row(*steps)]}


def _choices(field: Field) -> list[Json]:
    """Return what can be chosen in a field; what Discord can't carry is left to be typed."""
    options: list[Json] = [
        {"label": shortened(each.label, OPTION_LABEL), "value": each.value,
         "default": each.value == field.text}
        for each in field.choices
        if 0 < utf16_length(each.value) <= OPTION_VALUE
    ]  # fmt: skip
    return options[:OPTIONS]


def _input(field: Field, name: str) -> Json:
    """Draw a field to type into."""
    entry: Json = {
        "type": _INPUT,
        "custom_id": name,
        "style": _PARAGRAPH if field.lines else _LINE,
        "required": field.needed,
        "max_length": INPUT_VALUE,
    }
    if field.text:
        entry["value"] = shortened(field.text, INPUT_VALUE)
    return _labelled(field.label, field.hint, entry)


def _labelled(label: str, hint: str, entry: Json) -> Json:
    """Put a label above what is filled in."""
    labelled: Json = {
        "type": _LABEL,
        "label": shortened(label, INPUT_LABEL),
        "component": entry,
    }
    if hint:
        labelled["description"] = shortened(hint, INPUT_PLACEHOLDER)
    return labelled


def _listed(talk: Talk) -> Json:
    """Draw a talk's questions."""
    lines = (
        f"{number}\\. {escape(one_line(entry.question, _LISTED), addresses(entry.question))}"
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
    return {"description": shortened(about, OPTION_LABEL)} if about else {}
