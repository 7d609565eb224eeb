"""The bot follows its files: a changed FAQ is searched within seconds, a broken one never is."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.cli.faq import load
from adapters.cli.last_good import LastGood
from adapters.cli.starting import replacing
from bot.errors import FaqbotError, in_a_row
from bot.search.searcher import Searcher
from bot.telemetry.health import Health
from bot.telemetry.log import EventLogger
from bot.texts import Text, Texts

EVERY = 2.0
"""Seconds between two looks at the files."""

PART = "content"
"""The name that is reported to health."""

log = EventLogger("faqbot.content")

Stamp = tuple[tuple[str, int, int], ...]


class Reloading:
    """Looks at the files now and then, in a thread of its own, as long as the context lasts.

    A FAQ that can't be used is reported, and the old one goes on being searched.

    Args:
        path: The FAQ: a folder or a file.
        searcher: What searches it.
        health: Where it is said that the files can't be used.
        seen: What ``stamp`` said before the searcher's FAQ was read.
        kept: Where a FAQ that can be used is kept for a start on a broken one.
        broken: Why the last good one is searched in its place, if it is.
        every: Seconds between two looks.
    """

    def __init__(
        self,
        path: Path,
        searcher: Searcher,
        health: Health,
        *,
        seen: Stamp | None = None,
        kept: LastGood | None = None,
        broken: FaqbotError | None = None,
        every: float = EVERY,
    ) -> None:
        self._path = path
        self._searcher = searcher
        self._health = health
        self._kept = kept
        self._broken = broken
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reloading", daemon=True)
        self._seen = stamp(path) if seen is None else seen

    def __enter__(self) -> Self:
        self._report(self._broken)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        if self._broken is None:
            self._keep()
        while not self._stop.wait(self._every):
            now = stamp(self._path)
            if now != self._seen:
                self._seen = now
                try:
                    self._reload()
                except Exception as error:  # noqa: BLE001  # the next change must be seen too
                    self._health.report(PART, False, Text("health.fails"))
                    log.error("the old faq stays", error)

    def _reload(self) -> None:
        try:
            with replacing():
                entries = load(self._path)
                self._searcher.replace(entries)
        except FaqbotError as error:
            self._report(error)
            log.error("the old faq stays", problem=str(error))
        else:
            self._report(None)
            log.info("faq reloaded", entries=len(entries))
            self._keep()

    def _keep(self) -> None:
        """Keep the files that can be used, unless they have changed meanwhile."""
        if self._kept and stamp(self._path) == self._seen:
            self._kept.keep()

    def _report(self, broken: FaqbotError | None) -> None:
        """Say whether the files can be used."""
        if broken is None:
            self._health.report(PART, True)
            return
        self._health.report(PART, False, _Broken(broken))


class _Broken(FaqbotError):
    """The FAQ can't be used, and the last good one is searched in its place.

    Args:
        cause: Why; of several problems the first is told, and faqbot check tells the others.
    """

    def __init__(self, cause: FaqbotError) -> None:
        super().__init__(Text("health.last_good"))
        self._cause = cause

    def in_words(self, texts: Texts) -> str:
        return in_a_row(self._cause.in_words(texts).splitlines()[0], super().in_words(texts))


def stamp(path: Path) -> Stamp:
    """Return what changes when a file does: names, times, sizes."""
    found = []
    try:
        files = sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError:  # the loader says what is wrong
        return ()
    for file in files:
        try:
            status = file.stat()
        except OSError:  # gone since it was listed, or the loader says what is wrong
            continue
        found.append((file.name, status.st_mtime_ns, status.st_size))
    return tuple(found)
