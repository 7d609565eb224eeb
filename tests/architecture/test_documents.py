"""What the documents promise of the project is there: targets, files, the order of headings."""

import re
import tomllib
from pathlib import Path

import yaml

from bot.usage import NEAR

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
NAMED = re.compile(r"`((?:bot|adapters)/[\w/]+\.py)`: `([\w]+)(?:\.(\w+))?`")
"""A file and what is in it: a function, or a class and its method."""
COMMAND = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_a_link_within_the_project_leads_somewhere() -> None:
    links = ((each, link) for each in DOCUMENTS for link in LINK.findall(read(each)))

    assert [(shown(each), to) for each, to in links if not (each.parent / to).exists()] == []


def test_a_make_command_in_a_document_exists() -> None:
    targets = set(TARGET.findall(read(ROOT / "Makefile")))
    named = {shown(each): set(COMMAND.findall(read(each))) - targets for each in DOCUMENTS}

    assert {document: commands for document, commands in named.items() if commands} == {}


def test_contributors_are_shown_every_command_they_need() -> None:
    commands = COMMAND.findall(read(ROOT / "CONTRIBUTING.md"))

    assert {"run", "test", "lint", "format", "lock", "image", "image-test"} <= set(commands)


def test_decisions_are_numbered_once_each() -> None:
    names = [path.name for path in (ROOT / "docs/decisions").glob("*.md")]

    assert [name for name in names if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name)] == []
    assert len({name[:4] for name in names}) == len(names)


def test_the_changes_of_a_release_come_in_the_order_readers_expect() -> None:
    order = ["Security", "Removed", "Deprecated", "Added", "Changed", "Fixed"]
    changelog = read(ROOT / "CHANGELOG.md")

    for release in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        headings = re.findall(r"^### (\w+)$", release, flags=re.MULTILINE)
        assert sorted(headings, key=order.index) == headings


def test_the_changelog_opens_with_this_version_and_its_day() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    changelog = read(ROOT / "CHANGELOG.md")

    version, day = re.findall(r"^## \[(\d[\d.]*)\] - (\S+)$", changelog, flags=re.MULTILINE)[0]
    assert project["version"] == version
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day)


def test_an_issue_form_asks_in_both_languages() -> None:
    for form in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")):
        fields = yaml.safe_load(read(form))
        asked = [each for each in fields["body"] if each["type"] != "markdown"]
        labels = [each["attributes"]["label"] for each in asked]

        spoken = [fields["name"], fields["description"], *(one for one in labels if "`" not in one)]
        assert [words for words in spoken if " / " not in words] == []
        ids = [each["id"] for each in fields["body"] if "id" in each]
        assert len(set(ids)) == len(ids) == len(labels)


def test_the_way_of_a_question_names_what_there_is() -> None:
    page = read(ROOT / "docs/developers/architecture.md")
    missing = []
    for file, first, more in NAMED.findall(page):
        code = read(ROOT / file)
        for name in filter(None, (first, more)):
            missing += [] if re.search(rf"(?:def|class) {name}\b", code) else [f"{file}: {name}"]

    assert missing == []
    assert len(NAMED.findall(page)) > 15


def test_the_steps_of_the_search_are_the_modules_there_are() -> None:
    page = read(ROOT / "docs/developers/architecture.md")
    section = page.partition("## Hop 5, step by step")[2].partition("\n## ")[0]
    named = re.findall(r"^\| [a-z]+ \| `(\w+)", section, flags=re.MULTILINE)
    beside = re.findall(r"`(\w+)` \(", section.partition("Beside it:")[2])

    assert [each for each in named + beside if not (ROOT / f"bot/search/{each}.py").exists()] == []
    assert len(named) > 5
    assert beside


def test_what_unanswered_prints_as_json_says_when_an_entry_is_near() -> None:
    page = read(ROOT / "docs/developers/json.md")

    assert f"`null` where none is near ({NEAR})" in page


def test_the_page_on_growing_quotes_what_was_measured() -> None:
    page = read(ROOT / "docs/operators/growing.md")
    lines = read(ROOT / "docs/performance.md").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]

    def measured(*first: str, at: int = -1) -> float:
        (row,) = (row for row in rows if tuple(row[: len(first)]) == first)
        return float(row[at].replace(",", ""))

    small, small_by_words = (measured("14", "20", at=at) / 1000 for at in (5, 3))
    middle = measured("2,000", "120", at=5) / 1000
    large = measured("a question, nothing else going on, p50 ms")
    changing = measured("a question during a change, p50 ms")
    cache = measured("start from the cache, s", at=1)
    files = measured("start from the files (once), s", at=1)
    encoding = measured("encoding all (by a sample of 1,000), minutes")
    change = measured("a changed entry is searchable after, ms") / 1000

    for said in (
        f"| {small:.1f} ミリ秒。語だけなら {small_by_words:.2f} ミリ秒 |",
        f"| {middle:.1f} ミリ秒 |",
        f"| {large:.1f} ミリ秒、変更を読み込む間は {changing:.0f} ミリ秒 |",
        f"| 10 万 | {cache:.1f} 秒／{files:.0f} 秒 |",
        f"| {encoding:.0f} 分 | {change:.1f} 秒 | 205 MB |",
        f"| 100 万（10 倍として） | {cache * 10:.0f} 秒／{files / 6:.0f} 分 |",
        f"| {encoding * 10:.0f} 分 | {change * 10:.0f} 秒 | 2.1 GB |",
    ):
        assert said in page
