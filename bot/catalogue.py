"""The catalogue: the entries there are now, and the search over them.

Entries come from files, and on top of them from what is published in chat. What the next start
would have to do again is kept in a folder: the entries' analysis, the vectors and the loaded
encoder, and the files themselves as they last could be used.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bot.domain.ask import Draft, DraftKind
from bot.domain.backoff import give_way, taking_turns
from bot.domain.entry import Entry
from bot.domain.text import question_key
from bot.errors import FaqbotError, in_a_row
from bot.search.corpus import Stored
from bot.search.meaning import Encoder, Meaning, replace_file
from bot.search.searcher import LISTS, Searcher, WordLists
from bot.texts import Text, Texts

if TYPE_CHECKING:
    from bot.content import Content, Copies
    from bot.published import FromChat, Published
    from bot.telemetry import Health

EVERY = 1.0
"""Seconds between two looks at the files and at what is published in chat."""

CLOSING = 0.5
"""Seconds for a look that is under way when the process ends."""

CHAT, CONTENT, MEANING = "chat entries", "content", "meaning"
"""The names that are reported to health."""

_WORD_LISTS = ("stopwords.txt", "synonyms.txt")
"""The lists that a FAQ may have beside it."""
_DIGEST = 32  # bytes


class Catalogue:
    """The entries there are now, and the search over them, by words alone until ``add_meaning``.

    Args:
        path: The FAQ: a folder, or a file of any format.
        strictness: How sure the bot must be, from 0 to 1.
        meaning: Whether entries are to be found by meaning too.
        var: The folder for the next start, whose files may be deleted at any time; None: nothing is
            kept, and nothing written.
        last_good: Keep the FAQ too as it last could be used, and search that while it can't be.
        chat: What is published in chat; None: the files alone are searched.

    Attributes:
        searcher: Searches them; the same one for as long as the catalogue lives.
        broken: Why the last good FAQ is searched in place of this one; None where it isn't.
        unread: Why what is published in chat wasn't read at the start; None where it was.

    Raises:
        FaqbotError: The FAQ, a word list or the dictionary can't be used.
    """

    def __init__(
        self,
        path: Path,
        strictness: float = 0.5,
        *,
        meaning: bool = False,
        var: Path | None = None,
        last_good: bool = False,
        chat: "FromChat | None" = None,
    ) -> None:
        self._path = path
        self._strictness = strictness
        self._by_meaning = meaning
        self._var = var
        self._last_good = var / "last-good" if var and last_good else None
        self._chat = chat
        self._number = -1
        self._published: Published | None = None
        self._from_files: tuple[Entry, ...] | None = None
        self._wake = threading.Event()
        self.broken: FaqbotError | None = None
        self.unread = self._read_chat()
        self._seen = self._stamp()
        try:
            self.searcher = self._open()
        except FaqbotError as error:
            searcher = self._open_last_good()
            if searcher is None:
                raise
            self.searcher, self.broken = searcher, error

    def add_meaning(self) -> None:
        """Find entries by meaning too, if they are to be; returns when all are encoded.

        Raises:
            FaqbotError: The encoder can't be loaded.
        """
        if self._by_meaning:
            self.searcher.add(Meaning(self._var, load_encoder(self._var)))

    @contextmanager
    def following(
        self, health: "Health", every: float = EVERY, chat_every: int = 1
    ) -> Iterator[None]:
        """Add meaning, and look for changes now and then, in threads, while the context lasts.

        Args:
            health: Where it is said what can't be used.
            every: Seconds between two looks.
            chat_every: How many looks for each at what is published in chat: more where somebody
                calls ``wake`` when that changes.
        """
        stop = threading.Event()

        def follow() -> None:
            give_way()
            if self.broken is None:
                self._keep()
                with suppress(FaqbotError):  # a change since the start: the next look tells
                    self._from_files = self._from_files or load(self._path).entries
            number, woken = 0, True
            while not stop.is_set():
                self._wake.clear()
                self.look(health, chat=woken or number % chat_every == 0)
                woken, number = self._wake.wait(every), number + 1

        broken = self.broken
        health.report(CONTENT, broken is None, _LastGoodServed(broken) if broken else "")
        if self._by_meaning:
            health.report(MEANING, True, "loading")
            threading.Thread(
                target=self._learn, args=(health,), name="meaning", daemon=True
            ).start()
        looking = threading.Thread(target=follow, name="following", daemon=True)
        looking.start()
        try:
            yield
        finally:
            stop.set()
            self._wake.set()
            looking.join(CLOSING)  # the store may keep it waiting
            self.close()

    def close(self) -> None:
        """Close the connection to the store; what was read goes on being searched."""
        if self._chat is not None:
            self._chat.close()

    def leads(self, draft: Draft) -> bool:
        """Whether the files hold a draft's entry or wording: whatever is published, they lead."""
        own = (each for each in self._from_files or () if each.id == draft.entry)
        words = {question_key(words) for entry in own for words in entry.wordings}
        return (
            bool(words) if draft.kind is DraftKind.ENTRY else question_key(draft.question) in words
        )

    def wake(self) -> None:
        """Look for changes at once; from any thread, and nobody waits for it."""
        self._wake.set()

    def look(self, health: "Health", *, chat: bool = True) -> bool:
        """Search what the files hold now, if they have changed since the last look.

        Args:
            health: Where a FAQ is reported that can't be used: the old one goes on being searched.
            chat: Look at what is published in chat, too.

        Returns:
            Whether they had changed.
        """
        now = self._stamp()
        files, chat = now != self._seen, chat and self._chat_changed(health)
        if not (files or chat):
            return False
        self._seen = now
        broken: FaqbotError | None = None
        try:
            try:
                if files or self._from_files is None:
                    with taking_turns():
                        self._from_files = load(self._path).entries
            except FaqbotError as error:
                broken = error
            if self._from_files is not None and (chat or broken is None):
                self.searcher.replace(self._with_chat(self._from_files))
        except FaqbotError as error:  # of a word list
            broken = error
        except Exception as error:  # noqa: BLE001  # the next change must be seen too
            health.report(CONTENT, False, Text("health.fails"), raised=error)
            return True
        if broken is not None:
            health.report(CONTENT, False, _LastGoodServed(broken))
        elif files:
            self.broken = None
            health.report(CONTENT, True)
            self._keep()
        if broken is None:
            from bot.telemetry import EventLogger  # 10 ms that a command that only asks needn't pay

            log = EventLogger("faqbot.content")
            log.info("faq reloaded", entries=len(self.searcher.entries))
        return True

    def _read_chat(self) -> FaqbotError | None:
        """Read what is published in chat, and return why that can't be."""
        if self._chat is not None:
            try:
                self._number, self._published = self._chat.read()
            except FaqbotError as error:
                return error
        return None

    def _chat_changed(self, health: "Health") -> bool:
        """Read what is published in chat, if it has changed; what can't be read stays as it was."""
        if self._chat is None:
            return False
        before = self._number
        try:
            if self._chat.number() != before:
                self._number, self._published = self._chat.read()
        except FaqbotError as error:
            self.unread = error
            health.report(CHAT, False, error)
            return False
        except Exception as error:  # noqa: BLE001  # files must be followed all the same
            health.report(CHAT, False, Text("health.fails"), raised=error)
            return False
        if self.unread is not None:
            self.unread = None
            health.report(CHAT, True)
        return before != self._number

    def _with_chat(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return self._published.on_top_of(entries) if self._published else entries

    def _stamp(self) -> tuple[object, ...]:
        """Return what changes when a file does: names, times, sizes."""
        found = []
        try:
            files = sorted(self._path.iterdir()) if self._path.is_dir() else [self._path]
        except OSError:  # the loader says what is wrong
            return ()
        for file in files:
            with suppress(OSError):  # gone since it was listed, or the loader says what is wrong
                status = file.stat()
                found.append((file.name, status.st_mtime_ns, status.st_size))
        return tuple(found)

    def _open(self) -> Searcher:
        """Open the search, from the cache where it holds just this content."""
        lists = word_lists(self._path)
        try:
            files = _files(self._path)
            key = self._digest(files)
        except OSError:  # what can't be read is the loader's to explain
            return Searcher(self._load(), lists, self._strictness)
        cache = self._var / "search.cache" if self._var else None
        stored = _read(cache, key) if cache else None
        entries = self._load() if stored is None else stored.entries
        searcher = Searcher(entries, lists, self._strictness, stored)
        outdated = stored is None or stored.fingerprint != searcher.analyzer.fingerprint
        if cache and outdated and key == self._digest(files):  # nobody has changed them meanwhile
            body = msgspec.msgpack.encode(searcher.store())
            replace_file(cache, hashlib.sha256(key + body).digest(), body)
        return searcher

    def _load(self) -> tuple[Entry, ...]:
        self._from_files = load(self._path).entries
        return self._with_chat(self._from_files)

    def _digest(self, files: Sequence[Path]) -> bytes:
        """Return a hash of all that is searched."""
        if not self._published:
            return _digest(files)
        return _digest(files) + hashlib.sha256(msgspec.msgpack.encode(self._published)).digest()

    @cached_property
    def _copies(self) -> "Copies | None":
        from bot.content import Copies  # 15 ms that a start from the cache shouldn't pay

        return Copies(self._path, self._last_good, _WORD_LISTS) if self._last_good else None

    def _open_last_good(self) -> Searcher | None:
        copy = self._copies.serve() if self._copies else None
        if copy is not None:
            for beside in (self._path, copy):  # a list may be what is broken
                with suppress(FaqbotError, PermissionError):
                    self._from_files = load(copy).entries
                    entries = self._with_chat(self._from_files)
                    return Searcher(entries, word_lists(beside), self._strictness)
        return None

    def _keep(self) -> None:
        """Keep the files that could be used, unless they have changed meanwhile."""
        if self._copies and self._stamp() == self._seen:
            self._copies.keep()

    def _learn(self, health: "Health") -> None:
        give_way()
        try:
            self.add_meaning()
        except BaseException as error:  # noqa: BLE001  # by words alone it goes on
            health.report(MEANING, False, Text("health.meaning"), raised=error)
        else:
            health.report(MEANING, True)


def load(path: Path) -> "Content":
    """Read the FAQ.

    Raises:
        FaqbotError: It can't be used, isn't there, or nothing is in it: a bot would only decline.
    """
    from bot.content import read_faq  # 15 ms that a start from the cache shouldn't pay

    if path == Path("data") and not path.exists():
        raise FaqbotError(Text("faq.none"))
    content = read_faq(path)
    if not content.drafts:
        raise FaqbotError(Text("faq.empty", path=path))
    return content


def word_lists(path: Path) -> WordLists:
    """Return the package's lists and, on top of them, those in the FAQ's folder."""
    folder = path if path.is_dir() else path.parent
    stop_words, synonyms = (folder / name for name in _WORD_LISTS)
    return WordLists((stop_words, *LISTS.stop_words), (synonyms, *LISTS.synonyms))


def load_encoder(var: Path | None = None) -> Encoder:
    """Load the sentence encoder.

    Args:
        var: The folder of its copy, if that is there; None: loaded anew, which writes nothing.

    Raises:
        FaqbotError: Its package is missing or incomplete.
    """
    try:
        return Encoder(var if var and var.is_dir() else None)
    except (ImportError, OSError) as error:
        raise FaqbotError(Text("faq.no_meaning", reason=str(error))) from error


class _LastGoodServed(FaqbotError):
    """The FAQ can't be used, and the last good one is searched in its place.

    Args:
        cause: Why; of several problems the first is told, and faqbot check tells the others.
    """

    def __init__(self, cause: FaqbotError) -> None:
        super().__init__(Text("health.last_good"))
        self._cause = cause

    def __str__(self) -> str:
        return in_a_row(str(self._cause).splitlines()[0], super().__str__())

    def in_words(self, texts: Texts) -> str:
        return in_a_row(self._cause.in_words(texts).splitlines()[0], super().in_words(texts))


def _read(cache: Path, key: bytes) -> Stored | None:
    """Return what is kept for a content; None if that is nothing, or not what was written."""
    try:
        data = cache.read_bytes()
    except OSError:
        return None
    head, body = data[:_DIGEST], data[_DIGEST:]
    if head != hashlib.sha256(key + body).digest():
        return None
    try:
        return msgspec.msgpack.decode(body, type=Stored)
    except msgspec.MsgspecError:  # written whole, but by another version
        return None


def _files(content: Path) -> list[Path]:
    if not content.is_dir():
        # A device or a pipe would be read for ever; the loader refuses it.
        return [content] if content.is_file() else []
    return sorted(path for path in content.rglob("*") if path.is_file())


def _digest(files: Sequence[Path]) -> bytes:
    """Return a hash of the files' names and bytes."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(str(file).encode()).digest())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.digest()
