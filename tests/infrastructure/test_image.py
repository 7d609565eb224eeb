"""The image's recipe fits the project; ``make image-test`` tries the image itself."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_labels_say_what_pyproject_says() -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.([\w.]+)="(.*?)"', DOCKERFILE))

    assert labels == {
        "title": PROJECT["name"],
        "description": PROJECT["description"],
        "version": PROJECT["version"],
        "licenses": PROJECT["license"],
        "revision": "${REVISION}",
        "base.name": "${BASE}",
    }


def test_what_is_copied_exists_and_is_let_through() -> None:
    let_through = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = {
        source
        for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
        for source in sources.split()
        if not source.startswith("--")
    }

    assert copied == set(let_through)
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_no_anonymous_volume_lies_over_a_mounted_folders_state() -> None:
    assert not re.search(r"^VOLUME", DOCKERFILE, re.MULTILINE)
