"""The last good FAQ, kept as files for a start on a broken one."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.content.faq import snapshot
from bot.errors import FaqbotError


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
        self._of = hashlib.sha256(os.fsencode(self._source)).hexdigest()[:16]
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
        files = snapshot(self._source)
        beside = self._source if self._source.is_dir() else self._source.parent
        lists = (beside / name for name in self._lists)
        files |= {file.name: file.read_bytes() for file in lists if file.is_file()}
        digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
        kept = self._folder / f"{self._of}-{digest}"
        if not kept.is_dir():
            for folder in (self._folder.parent, self._folder):
                folder.mkdir(mode=0o700, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(dir=self._folder, prefix="unfinished-"))
            within = unfinished / self._source.name if self._source.is_dir() else unfinished
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
