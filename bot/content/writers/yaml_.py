"""Writer of YAML as organisers keep it: question and answer as blocks, readable in a git diff."""

from collections.abc import Sequence

import yaml

from bot.content.markup import protect
from bot.domain.entry import Entry


class _Block(str):
    """A text to be written as a literal block."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes blocks as blocks, and never an alias."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _block(dumper: yaml.SafeDumper, data: _Block) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|")


_Dumper.add_representer(_Block, _block)


def write(entries: Sequence[Entry]) -> bytes:
    """Return one YAML file; talk and lecturer stand at the top where all entries share them."""
    top: dict[str, object] = {}
    for column in ("talk", "lecturer"):
        shared = {getattr(entry, column) for entry in entries}
        if len(shared) == 1 and shared != {""}:
            top[column] = shared.pop()
    head = _dump(top) if top else ""
    items = "\n".join(_dump([_entry(entry, top)]) for entry in entries)
    body = f"entries:\n{items}" if items else "entries: []\n"
    return f"{head}{body}".encode()


def _entry(entry: Entry, top: dict[str, object]) -> dict[str, object]:
    values: dict[str, object] = {"id": entry.id}
    for column in ("lecturer", "talk"):
        if column not in top and getattr(entry, column):
            values[column] = getattr(entry, column)
    values["question"] = _Block(protect(entry.question))
    values["answer"] = _Block(protect(entry.answer))
    if entry.variants:
        values["variants"] = list(entry.variants)
    if entry.links:
        values["links"] = list(entry.links)
    for column in ("source", "updated"):
        if getattr(entry, column):
            values[column] = getattr(entry, column)
    return values


def _dump(value: object) -> str:
    return yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=1_000_000,
    )
