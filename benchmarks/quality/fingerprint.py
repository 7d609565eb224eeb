"""What the figures depend on: they are stale once it changes."""

from hashlib import sha256
from pathlib import Path

from benchmarks.quality.sets import ROOT
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.searcher import LISTS, read_stop_words

_PATTERNS = (
    "data/*.yaml",
    "bot/search/lists/*.txt",
    "tests/quality/*.tsv",
    "bot/search/*.py",
    "bot/search/*.toml",
)


def fingerprint() -> str:
    """Return a hash of the analysis, the FAQ, the word lists, the queries and the search's code."""
    analyzer = Analyzer(Tokenizer(), read_stop_words(*LISTS.stop_words))
    digest = sha256(analyzer.fingerprint.encode())
    for pattern in _PATTERNS:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(_named(path))
    return digest.hexdigest()


def _named(path: Path) -> bytes:
    return path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
