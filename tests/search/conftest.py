"""The real analysis chain, word lists and FAQ, opened once."""

from pathlib import Path

import pytest

from bot.content import load
from bot.domain.entry import Entry
from bot.search.analysis import Analyzer, Tokenizer
from bot.search.meaning import Encoder, Meaning
from bot.search.searcher import LISTS, Searcher, read_stop_words

DATA = Path(__file__).parents[2] / "data"
SYNTHETIC = Entry(
    "a-1", "河原 大輔", "合成データ", "合成データは使っていますか", "一部で使っています。"
)
SAFETY = Entry(
    "b-1",
    "関根 聡",
    "安全性",
    "安全性の評価は？",
    "人手で評価します。",
    variants=("危険性は？",),
)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture(scope="session")
def analyzer(tokenizer: Tokenizer) -> Analyzer:
    return Analyzer(tokenizer, read_stop_words(*LISTS.stop_words))


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a copy of the encoder lies."""
    folder = tmp_path_factory.mktemp("encoder")
    Encoder(folder)
    return folder


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder(encoder_folder)


@pytest.fixture(scope="session")
def faq(encoder: Encoder) -> Searcher:
    """The lecturers' FAQ, found by words and meaning."""
    searcher = Searcher(load(DATA), LISTS)
    searcher.add(Meaning(encoder=encoder))
    return searcher
