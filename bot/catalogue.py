"""The FAQ's analysis, kept in a file: the next start neither parses nor tokenizes it again."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bot.domain.entry import Entry
from bot.search.corpus import Stored
from bot.search.meaning import replace_file
from bot.search.searcher import Searcher, WordLists

_DIGEST = 32  # bytes


@dataclass(frozen=True, slots=True)
class Cache:
    """One file; whatever is in it may be lost, outdated or broken at any time."""

    path: Path

    def searcher(
        self,
        content: Path,
        load: Callable[[], Sequence[Entry]],
        lists: WordLists,
        strictness: float,
    ) -> Searcher:
        """Open the search over the FAQ, from the cache where it holds just this content.

        Args:
            content: The FAQ: a folder or a file.
            load: Reads the entries from it.
            lists: Stop words and synonyms.
            strictness: How sure the bot must be.

        Raises:
            FaqbotError: The content, the dictionary or a word list can't be used.
        """
        files = _files(content)
        try:
            key = _digest(files)
        except OSError:  # what can't be read is the loader's to explain
            return Searcher(load(), lists, strictness)
        stored = self._read(key)
        entries = load() if stored is None else stored.entries
        searcher = Searcher(entries, lists, strictness, stored)
        outdated = stored is None or stored.fingerprint != searcher.analyzer.fingerprint
        if outdated and key == _digest(files):  # nobody changed the files in the meantime
            self._write(key, searcher.store())
        return searcher

    def _read(self, key: bytes) -> Stored | None:
        """Return what is kept for a content; None if that is nothing, or not what was written."""
        try:
            data = self.path.read_bytes()
        except OSError:
            return None
        head, body = data[:_DIGEST], data[_DIGEST:]
        if head != hashlib.sha256(key + body).digest():
            return None
        try:
            return msgspec.msgpack.decode(body, type=Stored)
        except msgspec.MsgspecError:  # written whole, but by another version
            return None

    def _write(self, key: bytes, stored: Stored) -> None:
        body = msgspec.msgpack.encode(stored)
        replace_file(self.path, hashlib.sha256(key + body).digest(), body)


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
