"""What the layout promises of files: short modules, words in one place, tests that import."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from scripts.house import ROOT, modules

MAX_LINES = 400
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")


def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def literals(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the text literals of a module, f-strings' parts too, but not its docstrings.

    A string that stands alone as a statement is a docstring, also where it follows an attribute.
    """
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield node


def japanese(source: str) -> list[int]:
    """Return the lines whose literals hold Japanese."""
    return [node.lineno for node in literals(ast.parse(source)) if JAPANESE.search(str(node.value))]


def test_a_module_can_be_read_at_a_sitting() -> None:
    ours = modules("bot", "adapters", "scripts", "tests", "benchmarks")

    assert [shown(path) for path in ours if len(source(path).splitlines()) > MAX_LINES] == []


def test_an_adapter_holds_no_sentence_of_its_own() -> None:
    """What members read is in bot/wording: every platform says the same words."""
    found = {shown(path): japanese(source(path)) for path in modules("adapters")}

    assert {path: lines for path, lines in found.items() if lines} == {}


def test_japanese_is_seen_in_literals_and_f_strings_alone() -> None:
    code = '"""説明"""\nA = 1\n"""属性の説明"""\n# 注\nB = "講師"\nC = f"{A}件"\nD = "Ａ: 1"\n'

    assert japanese(code) == [5, 6]


def test_every_folder_of_tests_is_a_package_whose_name_shadows_nothing() -> None:
    """A folder named discord would be imported instead of the library."""
    tests = ROOT / "tests"
    folders = {
        folder
        for path in modules("tests")
        for folder in path.parents
        if folder.is_relative_to(tests)
    }

    assert [shown(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
    assert {folder.name for folder in folders}.isdisjoint({"adapters", "discord", "slack"})
