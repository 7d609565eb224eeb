"""List the licence of every package that is shipped; end with 1 where one isn't among the known.

Usage: ``python scripts/licences.py``, where ``requirements.lock`` is installed. What a package
declares is taken; the image's bill of materials says the same.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from lock_check import parse

KNOWN = (
    "MIT", "BSD", "0BSD", "Apache", "PSF", "Python", "Zlib", "CC0", "LGPL", "ISC", "MPL",
)  # fmt: skip
"""Licences under which a package may be used and passed on beside our own code, by their first
word. The LGPL's (psycopg) is loaded as a library of its own, which anybody may replace."""


def licences() -> Iterator[tuple[str, str]]:
    """Yield each package that is installed here, and what it declares; empty where that's nothing.

    A package of another system alone isn't installed, nor shipped from here.
    """
    pins, _ = parse(Path("requirements.lock").read_text(encoding="utf-8"))
    for pin in pins:
        try:
            found = metadata(pin.name)
        except PackageNotFoundError:
            continue
        classifiers = found.get_all("Classifier") or []
        named = [each.split(" :: ")[-1] for each in classifiers if each.startswith("License ::")]
        fields = found.get_all("License-Expression") or named or found.get_all("License") or []
        yield pin.name, " AND ".join(field.splitlines()[0] for field in fields if field)


def main() -> int:
    """Print the list; complain of what isn't known."""
    code = 0
    for name, declared in licences():
        print(f"{name}\t{declared}")
        if not all(part.startswith(KNOWN) for part in re.split(" AND | OR ", declared)):
            print(f"error: {name}: {declared or 'no licence'} isn't known", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
