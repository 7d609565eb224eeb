"""How much there is to know before one can change something here: ``make house`` prints it.

Code lines are lines without blanks, comments and docstrings. The search has figures of its own
(docs/quality.md) and is left out, but for the tests' share.
"""

import ast
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]

ONCE: Mapping[str, str] = {
    "cutting with …": r'\+ "…"',
    "UTF-16 length": r'utf-16-le"[^)]*\)\) // 2',
    "what an address is": r're\.compile\(\s*rf?"(?:<\(\?:)?https\?',
    "the same question": r"def question_key",
    "an entry as a dict": r"def fields\(entry",
    "an outcome's name": r"def outcome\(",
    "an error without members' words": r"extract_tb",
    "libraries' log lines": r"\(logging\.Filter\)",
    "growing waits with jitter": r"random\.uniform",
    "an adapter that fails is begun anew": r"class Supervisor",
    "health changes are logged": r'"part works"',
    "reading a payload": r"class Malformed",
    "browsing in pages": r"def pages\(",
    "sentences made by an adapter": r'desk\.say\("(?:answer|error|watch)\.',
    "watched channels": r"def watches\(",
    "HTML in Python": r"<(?:table|html|div)\b",
}
"""Things that stood twice, each with what must be found in one file of the code at most."""


def modules(*folders: str) -> list[Path]:
    """Return the Python files below these folders, in order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def product() -> list[Path]:
    """Return the product's files without the search."""
    search = ROOT / "bot" / "search"
    return [path for path in modules("bot", "adapters") if search not in path.parents]


def code_lines(path: Path) -> int:
    """Count the lines that are neither blank nor a comment nor a docstring."""
    source = path.read_text(encoding="utf-8")
    said: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(source.splitlines(), start=1)
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in said
        for number, line in lines
    )


def single_deeds(path: Path) -> Iterator[str]:
    """Name the classes with one public method, no base and no public attribute."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and not node.bases and not node.decorator_list:
            methods = [
                each.name
                for each in node.body
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            public = [each for each in methods if not each.startswith("_") or each == "__call__"]
            if len(public) == 1 and not _attributes(node):
                yield node.name


def floors(folder: Path) -> int:
    """Return the length of the longest chain of imports within a package."""
    package = ".".join(folder.relative_to(ROOT).parts)
    imports = {
        path.stem: set(re.findall(rf"from {package}\.(\w+) import", path.read_text("utf-8")))
        for path in folder.glob("*.py")
    }

    def height(module: str) -> int:
        return 1 + max((height(each) for each in imports.get(module, ())), default=0)

    return max(map(height, imports))


def twice() -> dict[str, list[str]]:
    """Return what stands in more than one file, and in which."""
    sources = {path: path.read_text(encoding="utf-8") for path in modules("bot", "adapters")}
    found = {
        thing: [
            str(path.relative_to(ROOT)) for path, code in sources.items() if re.search(sign, code)
        ]
        for thing, sign in ONCE.items()
    }
    return {thing: where for thing, where in found.items() if len(where) > 1}


def figures() -> dict[str, float]:
    """Return everything that is counted, by what it is."""
    ours = product()
    tests, all_of_it = modules("tests"), modules("bot", "adapters")
    return {
        "code lines": sum(map(code_lines, ours)),
        "files": len(ours),
        "classes with one deed": sum(len(list(single_deeds(path))) for path in all_of_it),
        "floors of bot/desk": floors(ROOT / "bot" / "desk"),
        "things that stand twice": len(twice()),
        "tests ÷ product": sum(map(code_lines, tests)) / sum(map(code_lines, all_of_it)),
    }


def _attributes(node: ast.ClassDef) -> bool:
    """Whether a class says something of itself without being asked by a call."""
    return any(
        isinstance(each, ast.Attribute)
        and isinstance(each.ctx, ast.Store)
        and isinstance(each.value, ast.Name)
        and each.value.id == "self"
        and not each.attr.startswith("_")
        for each in ast.walk(node)
    ) or any(isinstance(each, ast.AnnAssign) for each in node.body)


def main() -> None:
    """Print the table."""
    sys.path.insert(0, str(ROOT))
    # By name: the tests are no part of what is checked with the scripts.
    functions, files = importlib.import_module("tests.fakes.hops").hops()
    for what, figure in figures().items():
        print(f"{what:32} {figure:8.2f}" if figure % 1 else f"{what:32} {figure:8.0f}")
    print(f"{'a Slack mention passes':32} {functions:8} functions in {files} files")
    for path in modules("bot", "adapters"):
        for name in single_deeds(path):
            print(f"  one deed: {path.relative_to(ROOT)}: {name}")
    for thing, where in twice().items():
        print(f"  twice: {thing}: {', '.join(where)}")


if __name__ == "__main__":
    main()
