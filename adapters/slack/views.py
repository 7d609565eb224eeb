"""The Home tab and modals. Pure: pages and sheets in, blocks out."""

from collections.abc import Iterable, Iterator

import msgspec

from adapters.common.text import split
from adapters.slack import limits
from adapters.slack.inbound import FORM, TYPED, Origin
from adapters.slack.render import Block, blocks_of, plain_text_object, words
from bot.domain.card import Card, Choice, Field, Pages, Sheet
from bot.domain.inbound import Place
from bot.domain.text import utf16_length

OPEN = "home:open"
PAGE = "home:page"
FORGET = "home:forget"
COMPLETE = "complete"
"""The id of a field of which the bot completes what is typed."""
"""What the ids of the Home tab's buttons start with; the value is an entry's id, or a page."""


def home_view(pages: Pages, privacy: Sheet, said: Card | None = None) -> Block:
    """Draw one page of the Home tab: each talk, and its questions with a button that opens them.

    Args:
        pages: The page.
        privacy: What somebody confirms before their data is deleted.
        said: What came of what they pressed; stands above all.
    """
    blocks = blocks_of(said.parts) if said is not None else []
    intro = plain_text_object(pages.intro, limits.BLOCK_TEXT)
    blocks.append({"type": "section", "text": intro})
    for talk in pages.talks:
        if title := talk.title or talk.lecturer:
            blocks.append({"type": "header", "text": plain_text_object(title, limits.HEADER_TEXT)})
        if talk.title and talk.lecturer:
            who = plain_text_object(talk.lecturer, limits.BLOCK_TEXT)
            blocks.append({"type": "context", "elements": [who]})
        for entry in talk.entries:
            question = plain_text_object(entry.question, limits.BLOCK_TEXT)
            button = _button(pages.open, f"{OPEN}:{len(blocks)}", entry.id)
            blocks.append({"type": "section", "text": question, "accessory": button})
    ways = (
        (pages.previous, "previous", pages.number - 1),
        (pages.next, "next", pages.number + 1),
    )
    turn = [
        _button(label, f"{PAGE}:{way}", str(to)) for label, way, to in ways if 0 <= to < pages.count
    ]
    if turn:
        blocks.append({"type": "actions", "elements": turn})
    blocks.append({"type": "actions", "elements": [_confirmed(privacy, FORGET)]})
    return {"type": "home", "blocks": blocks}


def _confirmed(sheet: Sheet, action_id: str) -> Block:
    """Draw a button that asks before it does anything."""
    text = words(Card(sheet.parts))
    return {
        **_button(sheet.title, action_id, "me"),
        "style": "danger",
        "confirm": {
            "title": plain_text_object(sheet.title, limits.CONFIRM_TITLE),
            "text": plain_text_object(text, limits.CONFIRM_TEXT),
            "confirm": plain_text_object(sheet.submit, limits.CONFIRM_BUTTON),
            "deny": plain_text_object(sheet.close, limits.CONFIRM_BUTTON),
        },
    }


def completions(choices: Iterable[Choice]) -> list[Block]:
    """Draw what is offered to who types into a field that is completed."""
    fit = (each for each in choices if utf16_length(each.value) <= limits.OPTION_VALUE)
    return list(map(_option, fit))


def sheet_view(sheet: Sheet, place: Place) -> Block:
    """Draw what opens before one person as a modal.

    Args:
        sheet: What to read, and what to fill in.
        place: Where it was opened; comes back with what is filled in.
    """
    inputs = [block for each in sheet.fields for block in _inputs(each)]
    view: Block = {
        "type": "modal",
        "title": plain_text_object(sheet.title, limits.VIEW_TITLE),
        "close": plain_text_object(sheet.close, limits.VIEW_BUTTON),
        "blocks": [*blocks_of(sheet.parts)[: limits.VIEW_BLOCKS - len(inputs)], *inputs],
    }
    if sheet.submit:
        origin = Origin(
            sheet.about, place.workspace, place.channel, place.thread, place.handle, sheet.kind
        )
        view |= {
            "callback_id": FORM,
            "private_metadata": msgspec.json.encode(origin).decode(),
            "submit": plain_text_object(sheet.submit, limits.VIEW_BUTTON),
        }
    return view


def _inputs(field: Field) -> Iterator[Block]:
    """Draw a field: to type into, or to choose from and to type what isn't among the choices."""
    options = [
        _option(each) for each in field.choices if utf16_length(each.value) <= limits.OPTION_VALUE
    ]
    text, name, optional = field.text, field.name, not field.needed
    if options:
        options = options[: limits.SELECT_OPTIONS]
        select: Block = {"type": "static_select", "action_id": "choice", "options": options}
        chosen = next((each for each in options if each["value"] == text), None)
        if chosen is not None:
            select["initial_option"] = chosen
            text = ""
        if not field.typed:
            yield _input(name, field.label, field.hint, select, optional=optional)
            return
        # Slack would want both of them, and one will do: the desk looks whether there is any.
        yield _input(name, field.label, "", select, optional=True)
        name, optional = f"{name}{TYPED}", True
    if options and field.completes:
        ask: Block = {"type": "external_select", "action_id": COMPLETE, "min_query_length": 1}
        yield _input(name, field.label, field.hint, ask, optional=True)
        return
    element: Block = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": field.lines,
        "max_length": limits.INPUT_VALUE,
    }
    if text:
        element["initial_value"] = split(text, limits.INPUT_VALUE)[0]
    yield _input(name, field.label, field.hint, element, optional=optional)


def _input(name: str, label: str, hint: str, element: Block, *, optional: bool) -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain_text_object(label, limits.INPUT_LABEL),
        "element": element,
    }
    if hint:
        block["hint"] = plain_text_object(hint, limits.INPUT_HINT)
    if optional:
        block["optional"] = True
    return block


def _option(choice: Choice) -> Block:
    return {"text": plain_text_object(choice.label, limits.OPTION_TEXT), "value": choice.value}


def _button(label: str, action_id: str, value: str) -> Block:
    return {
        "type": "button",
        "text": plain_text_object(label, limits.BUTTON_TEXT),
        "action_id": action_id,
        "value": value,
    }
