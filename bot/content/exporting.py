"""An export: all entries into one file or into a folder of YAML files."""

from collections.abc import Sequence
from pathlib import Path

from bot.content import writers
from bot.content.columns import COLUMNS
from bot.content.errors import Where
from bot.content.gate import Draft
from bot.content.importing import Rules, run_import
from bot.domain.entry import Entry


def export(path: Path, entries: Sequence[Entry]) -> None:
    """Write all entries; by suffix a file, else a folder with one YAML file for each talk.

    A folder that holds the entries already stays as it is, to the byte.

    Raises:
        ContentError: The suffix is unknown, or the place can't be written to.
    """
    if path.is_dir() or not path.suffix:
        drafts = [Draft(entry, Where(str(path)), frozenset(COLUMNS)) for entry in entries]
        everything = Rules(replace=True, allow_removals=True, allow_duplicates=True, verbatim=True)
        run_import(path, drafts, everything)
    else:
        writers.write(path, entries)
