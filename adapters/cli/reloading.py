"""The running bot follows its files: a changed FAQ is searched within seconds."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.cli.faq import load
from adapters.cli.starting import replacing
from bot.errors import FaqbotError
from bot.search.searcher import Searcher
from bot.telemetry.health import Health
from bot.telemetry.log import EventLogger

EVERY = 2.0
"""Seconds between two looks at the files."""

PART = "content"
"""The name that is reported to health."""

log = EventLogger("faqbot.content")

_Stamp = tuple[tuple[str, int, int], ...]


class Reloading:
    """Looks at the files now and then, in a thread of its own, as long as the context lasts.

    A FAQ that can't be used is reported, and the old one goes on being searched.

    Args:
        path: The FAQ: a folder or a file.
        searcher: What searches it.
        health: Where it is said that the files can't be used.
        every: Seconds between two looks.
    """

    def __init__(
        self, path: Path, searcher: Searcher, health: Health, every: float = EVERY
    ) -> None:
        self._path = path
        self._searcher = searcher
        self._health = health
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reloading", daemon=True)
        self._seen = _stamp(path)

    def __enter__(self) -> Self:
        self._health.report(PART, True)
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
        while not self._stop.wait(self._every):
            stamp = _stamp(self._path)
            if stamp != self._seen:
                self._seen = stamp
                self._reload()

    def _reload(self) -> None:
        try:
            with replacing():
                entries = load(self._path)
                self._searcher.replace(entries)
        except FaqbotError as error:
            self._health.report(PART, False, "The changed FAQ can't be used; run faqbot check.")
            log.error("the old faq stays", problem=str(error))
        else:
            self._health.report(PART, True)
            log.info("faq reloaded", entries=len(entries))


def _stamp(path: Path) -> _Stamp:
    """Return what changes when a file does: names, times, sizes."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = []
    for file in files:
        try:
            status = file.stat()
        except FileNotFoundError:  # gone since it was listed: the next look sees the rest
            continue
        found.append((file.name, status.st_mtime_ns, status.st_size))
    return tuple(found)
