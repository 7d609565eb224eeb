"""The data folder: read and changed as a whole, whatever happens in between.

A reader holds a shared lock on the folder, an import the exclusive one. An import first writes
everything it will change into one journal file; from the moment that file has its name, the new
content counts. A journal that somebody finds under a lock was left by a crash: a reader lays it
over the files, the next import completes it.
"""

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content.formats import Content, read_source
from bot.content.problems import ContentError, Findings, Where
from bot.content.rows import refuse_equal_ids
from bot.content.source import Source, take
from bot.errors import FaqbotError, reason

JOURNAL = ".import-journal"
UNFINISHED = ".unfinished"
SUFFIXES = (".yaml", ".yml")
_OF_THE_FOLDER = re.compile(
    r"(?:README|LICEN[CS]E|NOTICE)\b.*|stopwords\.txt|synonyms\.txt", re.IGNORECASE
).fullmatch
"""Whether a name is that of a word list, or of what people read."""
PATIENCE = 5.0
"""Seconds to wait for an import, or for readers, to finish."""


class Unfinished(ContentError):
    """The change counts, though not all files could be written; the next import completes it."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A data folder as it was at one moment.

    Attributes:
        files: Its YAML files by name.
        contents: What each file holds, by its name, in the order in which its talks come: first
            that of the files that say so, then that of the other files' names.
    """

    files: Mapping[str, Source]
    contents: Mapping[str, Content]

    @property
    def content(self) -> Content:
        """What all of them hold."""
        return Content.joined(self.contents.values())


def read_folder(path: Path) -> Folder:
    """Read the YAML files of a folder; everything else in it is left alone.

    Raises:
        ContentError: A file can't be used, or an import takes too long.
    """
    return _parsed(_take_folder(path))


def _take_folder(path: Path) -> dict[str, Source]:
    """Return the YAML files of a folder by name, all of one moment."""
    with _locked(path, fcntl.LOCK_SH):
        return _snapshot(path)


def not_read(path: Path) -> tuple[str, ...]:
    """Return the names in a data folder that nothing reads, but for its readme and licence."""
    if not path.is_dir():
        return ()
    return tuple(
        sorted(
            f"{file.name}/" if file.is_dir() else file.name
            for file in path.iterdir()
            if not file.name.startswith(".")
            and not (file.is_file() and (is_content(file.name) or _OF_THE_FOLDER(file.name)))
        )
    )


@contextlib.contextmanager
def changing(path: Path) -> Iterator[Folder]:
    """Keep others away from a folder while it is read, compared and changed.

    Raises:
        ContentError: Another import is at work, or the folder can't be used.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(path, error) from error
    with _locked(path, fcntl.LOCK_EX):
        try:
            _complete(path)
        except OSError as error:
            raise _unusable(path, error) from error
        yield _parsed(_snapshot(path))


def commit(path: Path, changes: Mapping[str, bytes | None]) -> None:
    """Write files and remove those that are None, all or nothing; only within ``changing``.

    Raises:
        ContentError: The folder can't be written to; nothing was changed.
        Unfinished: The change counts, and the next import will finish it.
    """
    import json

    texts = {name: data.decode() if data is not None else None for name, data in changes.items()}
    try:
        _write(path / JOURNAL, json.dumps(texts).encode())
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        _complete(path)
    except OSError as error:
        raise Unfinished.at(Where(str(path)), "folder.unfinished", reason=reason(error)) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        ContentError: It can't be written.
    """
    try:
        _write(path, data)
    except OSError as error:
        with contextlib.suppress(OSError):
            _unfinished(path).unlink()
        raise ContentError.at(Where(str(path)), "file.unwritable", reason=reason(error)) from error


def _complete(path: Path) -> None:
    """Do what a journal says, if there is one; doing it twice does no harm."""
    for name, data in _journal(path).items():
        if data is None:
            (path / name).unlink(missing_ok=True)
        else:
            _write(path / name, data)
    (path / JOURNAL).unlink(missing_ok=True)
    for left_over in path.glob(f".*{UNFINISHED}"):
        left_over.unlink()


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it has its old content or its new one, also after a power cut."""
    temporary = _unfinished(path)
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}{UNFINISHED}")


def _journal(path: Path) -> dict[str, bytes | None]:
    journal = path / JOURNAL
    if not journal.exists():
        return {}
    import json

    texts: dict[str, str | None] = json.loads(journal.read_bytes())
    return {name: None if text is None else text.encode() for name, text in texts.items()}


def _snapshot(path: Path) -> dict[str, Source]:
    """Return the folder's YAML files by name, a journal laid over them."""
    try:
        names = {file.name for file in path.iterdir() if is_content(file.name)}
        journal = _journal(path)
    except OSError as error:
        raise _unusable(path, error) from error
    files = {name: _take(path, name) for name in names - journal.keys()}
    for name, data in journal.items():
        if data is not None:
            files[name] = Source(str(path / name), ".yaml", data)
    return {name: files[name] for name in sorted(files, key=_by_name)}


def _by_name(name: str) -> tuple[str, str]:
    """Sort ``kawahara.yaml`` before ``kawahara-2.yaml``."""
    return Path(name).stem, name


def _place(file: tuple[str, Content]) -> tuple[float, tuple[str, str]]:
    """Sort files that say where they come before those that don't."""
    name, content = file
    return content.place(), _by_name(name)


def is_content(name: str) -> bool:
    """Whether a file of a data folder is one of the FAQ, by its name."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def _take(path: Path, name: str) -> Source:
    file = path / name
    if file.is_symlink() and not file.resolve().is_relative_to(path.resolve()):
        raise ContentError.at(Where(str(file)), "folder.link")
    return take(file)


def _parsed(files: Mapping[str, Source]) -> Folder:
    """Check all files of a snapshot; every problem of every file is reported together."""
    findings = Findings()
    contents: dict[str, Content] = {}
    for name, source in files.items():
        try:
            contents[name] = read_source(source)
        except ContentError as error:
            findings.problems += error.problems
    folder = Folder(files, dict(sorted(contents.items(), key=_place)))
    drafts = folder.content.drafts
    for draft in drafts:
        if not draft.entry.id:
            findings.problem(draft.where, "entry.no_id")
    refuse_equal_ids(drafts, findings)
    findings.raise_problems()
    return folder


@contextlib.contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(descriptor, kind):
            if time.monotonic() > deadline:
                raise ContentError.at(Where(str(path)), "folder.busy")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)  # gives the lock back


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unusable(path: Path, error: OSError) -> ContentError:
    return ContentError.at(Where(str(path)), "folder.unusable", reason=reason(error))


class Copies:
    """The last good FAQ as files; another FAQ's copy is never served in its place.

    Args:
        source: The FAQ: a folder or a file.
        folder: Where copies are kept.
        lists: The names of the word lists that a FAQ may have beside it.
    """

    def __init__(self, source: Path, folder: Path, lists: Sequence[str]) -> None:
        self._source = Path(os.path.abspath(source))  # noqa: PTH100  # a link may change its target
        self._folder = folder
        self._lists = lists
        self._of = _digest(os.fsencode(self._source))
        self._served: Path | None = None

    def serve(self) -> Path | None:
        """Return the copy, a folder or a file like its source; None where there is none.

        From now on it stays: its word lists are read again with each change.
        """
        kept = sorted(self._folder.glob(f"{self._of}-*"), key=lambda each: each.stat().st_mtime)
        self._served = kept[-1] if kept else None
        return self._served / self._source.name if self._served else None

    def keep(self) -> None:
        """Copy the FAQ as it is now, whole or not at all; what can't be kept costs a line."""
        try:
            self._keep()
        except (OSError, FaqbotError) as error:
            from bot.telemetry import EventLogger  # loading a FAQ does without

            log = EventLogger("faqbot.content")
            log.warning("the faq isn't kept for a start on a broken one", problem=str(error))

    def _keep(self) -> None:
        import shutil  # 12 ms for these two, that loading a FAQ does without
        import tempfile

        whole = self._source.is_dir()
        taken = _take_folder(self._source) if whole else {self._source.name: take(self._source)}
        files = {name: source.data for name, source in taken.items()}
        beside = self._source if whole else self._source.parent
        lists = (beside / name for name in self._lists)
        files |= {file.name: file.read_bytes() for file in lists if file.is_file()}
        kept = self._folder / f"{self._of}-{_digest(repr(sorted(files.items())).encode())}"
        if not kept.is_dir():
            for folder in (self._folder.parent, self._folder):
                folder.mkdir(mode=0o700, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(dir=self._folder, prefix="unfinished-"))
            within = unfinished / self._source.name if whole else unfinished
            within.mkdir(mode=0o700, exist_ok=True)
            for name, data in files.items():
                (within / name).touch(0o600)
                with (within / name).open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            unfinished.rename(kept)
        for other in self._folder.iterdir():
            if other not in (kept, self._served):
                shutil.rmtree(other)


def _digest(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()[:16]
