"""The FAQ, as everybody else gets it: entries in order."""

from pathlib import Path

from bot.content.folder import read_folder, take_folder
from bot.content.matching import identify
from bot.content.readers import read
from bot.content.source import take
from bot.domain.entry import Entry


def load(path: Path) -> tuple[Entry, ...]:
    """Read the FAQ.

    Args:
        path: A data folder, whose YAML files are read in the order of their names, or one file of
            any format, whose entries without an id are numbered after their lecturers' names.

    Returns:
        The entries in order; none for a folder without YAML files.

    Raises:
        ContentError: It can't be used; the error lists each problem with its file, row and column.
    """
    if path.is_dir():
        folder = read_folder(path)
        return tuple(draft.entry for drafts in folder.drafts.values() for draft in drafts)
    return tuple(draft.entry for draft in identify(read(path).drafts, ()))


def snapshot(path: Path) -> dict[str, bytes]:
    """Return what ``load`` reads at this moment: the bytes of each file by its name.

    Raises:
        ContentError: It can't be read.
    """
    files = take_folder(path) if path.is_dir() else {path.name: take(path)}
    return {name: source.data for name, source in files.items()}
