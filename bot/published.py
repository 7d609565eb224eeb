"""What was born in chat and is published: entries, and new wordings of entries.

It comes on top of the files' entries, and the files lead: once they have an entry of that id, or
the wording, what the store has of it is history.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.ask import Draft, DraftKind
from bot.domain.entry import Entry
from bot.domain.text import clean, person_key, question_key, shortened
from bot.store import PUBLISHED, Reader
from bot.telemetry import EventLogger
from bot.texts import Text, Texts

if TYPE_CHECKING:
    from bot.content import Remarks

LONGEST_NAME = 60
LONGEST_LINK = 250
"""Characters of what is said of an entry's origin: all of it must go into the column ``source``."""

log = EventLogger("faqbot.content")


@dataclass(frozen=True, slots=True)
class Variant:
    """A new wording of an entry.

    Attributes:
        entry: The entry's id.
        words: The wording.
        remark: Where it comes from, in one line.
    """

    entry: str
    words: str
    remark: str


@dataclass(frozen=True, slots=True)
class Published:
    """What is published, as files would hold it.

    Attributes:
        entries: Entries, in the order in which they were published.
        wordings: Wordings, in that order, of these entries and of the files'.
    """

    entries: tuple[Entry, ...] = ()
    wordings: tuple[Variant, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries or self.wordings)

    def on_top_of(self, files: Sequence[Entry]) -> tuple[Entry, ...]:
        """Return the files' entries, with new variants, and behind them what files don't have."""
        from bot.content import MOST_VALUES

        ids = {entry.id for entry in files}
        spelt = {person_key(entry.lecturer): entry.lecturer for entry in reversed(files)}
        born = {entry.id: entry for entry in self.entries if entry.id not in ids}
        entries = {entry.id: entry for entry in files}
        for id_, entry in born.items():
            lecturer = spelt.get(person_key(entry.lecturer), entry.lecturer)
            entries[id_] = replace(entry, lecturer=lecturer)
        known = {question_key(words) for entry in entries.values() for words in entry.wordings}
        for wording in self.wordings:
            entry_ = entries.get(wording.entry)
            key = question_key(wording.words)
            if entry_ is None or key in known or len(entry_.variants) >= MOST_VALUES:
                continue
            known.add(key)
            entries[entry_.id] = replace(entry_, variants=(*entry_.variants, wording.words))
        return tuple(entries.values())

    def born(self, files: Iterable[Entry]) -> frozenset[str]:
        """Return the ids of the entries that the files don't have."""
        return frozenset(entry.id for entry in self.entries) - {entry.id for entry in files}

    @property
    def remarks(self) -> "Remarks":
        """What a file says of its wordings, as comments."""
        return {(each.entry, each.words): each.remark for each in self.wordings}


class FromChat:
    """What is published in the store, read beside whoever writes it.

    Args:
        url: As for ``bot.store.Database.open``.
        texts: Say where an entry comes from.
    """

    def __init__(self, url: str, texts: Texts) -> None:
        self._reader = Reader(url)
        self._texts = texts

    def number(self) -> int:
        """Return what grows whenever something is published or taken back; cheap to ask.

        Raises:
            StoreError: The store can't be read.
        """
        return self._reader.read(lambda tx: tx.changes().get(PUBLISHED, 0)) or 0

    def read(self) -> tuple[int, Published]:
        """Return that number, and what is published; nothing where there is no store yet.

        Raises:
            StoreError: The store can't be read.
        """
        found = self._reader.read(
            lambda tx: (tx.changes().get(PUBLISHED, 0), tx.drafts.published())
        )
        number, drafts = found or (0, ())
        return number, published(drafts, self._texts)

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()


def published(drafts: Sequence[Draft], texts: Texts) -> Published:
    """Return what drafts add to the FAQ.

    Args:
        drafts: What is published, in the order in which it was.
        texts: Say where an entry comes from.
    """
    if not drafts:
        return Published()
    from bot.content import ContentError, canonical  # 15 ms that a start without needn't pay

    entries: dict[str, Entry] = {}
    wordings = []
    for draft in drafts:
        source, day = _source(draft, texts), _day(draft)
        try:
            if draft.kind is DraftKind.ENTRY:
                entries.setdefault(draft.entry, canonical(draft.as_entry(source, day)))
            else:
                words = canonical(Entry("x", "", "", "-", "-", variants=(draft.question,))).variants
                remark = texts.say("published.remark", day=day, source=source)
                wordings += [Variant(draft.entry, each, remark) for each in words]
        except ContentError as error:
            log.error("what is published can't be used", draft=draft.id, problem=str(error))
    return Published(tuple(entries.values()), tuple(wordings))


def _source(draft: Draft, texts: Texts) -> str:
    """Say who wrote and who published it, and where; of names that are known."""
    people = ", ".join(map(texts, _people(draft)))
    by = Text("published.by", people=people) if people else ""
    link = _plain(draft.permalink) if len(draft.permalink) <= LONGEST_LINK else ""
    return texts.say("published.source", by=by, link=link).strip()


def _people(draft: Draft) -> Iterator[Text]:
    for role, person in (
        ("answered", draft.replied),
        ("wrote", draft.author),
        ("approved", draft.approver),
    ):
        if name := _plain(person.name if person else ""):
            yield Text(f"published.{role}", name=shortened(name, LONGEST_NAME))


def _plain(text: str) -> str:
    """Return what can stand in a comment of YAML."""
    return " ".join("".join(c if c.isprintable() else " " for c in clean(text)).split())


def _day(draft: Draft) -> str:
    return (
        datetime.fromtimestamp(draft.published_at or draft.saved_at).astimezone().date().isoformat()
    )
