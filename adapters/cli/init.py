"""``faqbot init``: a folder to start from."""

import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from adapters.cli.config import Config, pass_config
from bot.errors import FaqbotError, reason
from bot.texts import Text

TEMPLATE = Path(__file__).with_name("template")
SAMPLE = TEMPLATE / "sample"
"""The lecturers' FAQ: in the repository a link to ``data/``, in the package a folder."""


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option("--empty", is_flag=True, help="Put in no sample FAQ, only a file to copy.")
@pass_config
def command(config: Config, *, folder: Path, empty: bool) -> None:
    """Make FOLDER, by default this one, a folder to start from.

    It gets a sample FAQ, word lists of its own, the settings with what they mean, and a README.
    Nothing is overwritten: where one of these files is there already, nothing is written at all.
    """
    texts = config.texts
    files = _files(empty=empty)
    taken = [name for name in files if (folder / name).exists()]
    if (folder / "data").is_dir() and any((folder / "data").iterdir()):
        taken = ["data/", *(name for name in taken if not name.startswith("data/"))]
    if taken:
        raise FaqbotError(Text("init.taken", files=", ".join(taken)))
    _write(folder, files)
    click.echo(texts.say("init.made", folder=folder.resolve()))
    for name in files:
        click.echo(f"  {name}")
    step = "init.write" if empty else "init.try"
    if folder.resolve() != Path.cwd():
        click.echo(texts.say("init.go", folder=shlex.quote(str(folder))))
    click.echo(texts.say(step))


def _files(*, empty: bool) -> Mapping[str, bytes]:
    """Return what the folder gets, by name."""
    entries = [TEMPLATE / "example.yaml"] if empty else sorted(SAMPLE.glob("*.yaml"))
    sources = {
        **{f"data/{path.name}": (path,) for path in entries},
        "data/stopwords.txt": (TEMPLATE / "stopwords.txt",),
        "data/synonyms.txt": (TEMPLATE / "synonyms.txt",),
        "faqbot.toml": (TEMPLATE / "faqbot.toml",),
        ".env.example": (TEMPLATE / "env.example",),
        ".gitignore": (TEMPLATE / "gitignore",),
        "README.md": (TEMPLATE / "README.md", *(() if empty else (TEMPLATE / "sample.md",))),
    }
    return {name: b"".join(map(Path.read_bytes, paths)) for name, paths in sources.items()}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write new files only; where one can't be written, take back those that were.

    Raises:
        FaqbotError: Nothing was written.
    """
    written: list[Path] = []
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                written.append(path)
                file.write(data)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        unwritable = Text("init.unwritable", file=error.filename, reason=reason(error))
        raise FaqbotError(unwritable) from error
