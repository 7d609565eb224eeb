"""Which entry stands in which file of the data folder."""

import itertools
from collections.abc import Mapping, Sequence

from bot.content.matching import slugs_for
from bot.content.plan import Plan
from bot.domain.entry import Entry


def arrange(files: Mapping[str, Sequence[Entry]], plan: Plan) -> dict[str, tuple[Entry, ...]]:
    """Return the files that a plan changes, with the entries each will hold.

    A changed entry stays in its file, a new one joins its talk, a new talk gets a file named
    after its lecturer. A file is rewritten only if its entries differ; one without any is empty.
    """
    changed = {change.after.id: change.after for change in plan.changed}
    removed = {entry.id for entry in plan.removed}
    arranged = {
        name: [changed.get(e.id, e) for e in entries if e.id not in removed]
        for name, entries in files.items()
    }
    homes: dict[tuple[str, str | None], str] = {}
    for name, entries in arranged.items():
        for entry in entries:
            _settle(homes, entry, name)
    for entry in plan.added:
        # A talk of several lecturers is still one file; entries without a talk share no file.
        name = (
            homes.get((entry.talk, entry.lecturer))
            or homes.get((entry.talk, None))
            or _new_name(arranged, entry)
        )
        _settle(homes, entry, name)
        arranged.setdefault(name, []).append(entry)
    return {
        name: tuple(entries)
        for name, entries in arranged.items()
        if tuple(entries) != tuple(files.get(name, ()))
    }


def _settle(homes: dict[tuple[str, str | None], str], entry: Entry, name: str) -> None:
    homes.setdefault((entry.talk, entry.lecturer), name)
    if entry.talk:
        homes.setdefault((entry.talk, None), name)


def _new_name(files: Mapping[str, Sequence[Entry]], entry: Entry) -> str:
    slugs = tuple(slugs_for(entry.lecturer))
    slug = next((s for s in slugs if entry.id.startswith(f"{s}-")), slugs[0])
    names = itertools.chain([f"{slug}.yaml"], (f"{slug}-{n}.yaml" for n in itertools.count(2)))
    return next(name for name in names if name not in files)
