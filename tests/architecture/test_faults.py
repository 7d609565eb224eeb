"""Every row of docs/developers/faults.md is proved by a test that bears its number."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| .+ \| .+ \|$", re.MULTILINE)
LISTED = [int(row) for row in ROW.findall((ROOT / "docs/developers/faults.md").read_text("utf-8"))]


def marks(code: str) -> Iterator[int]:
    """Yield the rows that `pytest.mark.fault(...)` names in this code."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
            yield from (ast.literal_eval(row) for row in node.args)


MARKED = {row for path in (ROOT / "tests").rglob("*.py") for row in marks(path.read_text("utf-8"))}


def test_every_row_has_a_test() -> None:
    missing = sorted(set(LISTED) - MARKED)

    assert not missing, f"rows of docs/developers/faults.md without a test: {missing}"


def test_every_mark_names_a_row() -> None:
    unknown = sorted(MARKED - set(LISTED))

    assert not unknown, f"marked, but no rows of docs/developers/faults.md: {unknown}"


def test_rows_are_numbered_on() -> None:
    assert list(range(1, len(LISTED) + 1)) == LISTED


def test_marks_are_read_from_decorators_and_parameters_not_from_words() -> None:
    code = (
        '"""pytest.mark.fault(1)"""\n'
        "@pytest.mark.fault(2, 3)\n"
        "@pytest.mark.parametrize('a', [pytest.param(1, marks=pytest.mark.fault(4))])\n"
        "def test_a(a): ...\n"
    )

    assert set(marks(code)) == {2, 3, 4}
