"""What several tests need: entries, files, and a question asked of an error."""

import functools
import tempfile
import time
from pathlib import Path

import pytest

from bot.content import ContentError
from bot.content.formats import Content, read
from bot.domain.entry import Entry

PROJECT = Path(__file__).parents[2]
PAYLOADS = PROJECT / "tests" / "payloads" / "content"
SEED = PAYLOADS / "symposium.txt"
HEADER = "id,lecturer,question,answer\n"


def entry(number: int = 1, **fields: object) -> Entry:
    """Return an entry that differs from the others by its number."""
    values: dict[str, object] = {
        "id": f"kawahara-{number}",
        "lecturer": "河原 大輔",
        "talk": "コーパスの構築",
        "question": f"質問 {number} は何ですか。",
        "answer": f"回答 {number} です。",
    }
    return Entry(**(values | fields))  # type: ignore[arg-type]


def reading(folder: Path, data: str | bytes, name: str = "faq.csv", **options: str) -> Content:
    """Write a file and read it."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(path, **options)


def entries_of(content: Content) -> list[Entry]:
    """Return what was read, without the places it was read from."""
    return [draft.entry for draft in content.drafts]


def refusal(folder: Path, data: str | bytes, name: str = "faq.csv") -> str:
    """Return the lines that refuse a file, with its folder left out."""
    with pytest.raises(ContentError) as caught:
        reading(folder, data, name)
    return str(caught.value).replace(f"{folder}/", "")


def payload_refusal(name: str) -> str:
    """Return the lines that refuse a kept file, with its folder left out."""
    with pytest.raises(ContentError) as caught:
        read(PAYLOADS / name)
    return str(caught.value).replace(f"{PAYLOADS}/", "")


@functools.cache
def long() -> float:
    """Return more seconds of the processor than any 3 MB may take, on this machine as it is.

    That is fifteen times what a good file of that size takes; a tracer slows both alike.
    """
    rows = (
        f"a-{n},山田,質問{n}は何ですか。{'詳' * 20},回答{n}です。{'細' * 20}" for n in range(15_000)
    )
    table = "\n".join(("id,lecturer,question,answer", *rows))
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        assert len(entries_of(reading(Path(folder), table, "faq.csv"))) == 15_000
        return 15 * (time.process_time() - begun)
