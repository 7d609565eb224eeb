"""Check offline that the hashed locks still satisfy ``pyproject.toml`` and name no address.

Usage: ``python scripts/lock_check.py [FOLDER]``. Ends with 1 and one line for each fault.
"""

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

EXTRAS = ("postgresql",)
"""The optional dependencies that every lock holds; the Makefile's ``lock`` resolves the same."""

LOCKS: Mapping[str, tuple[str, ...]] = {
    "requirements.lock": ("build",),
    "requirements-dev.lock": ("build", "dev"),
    "requirements-bench.lock": ("build", "dev", "bench"),
}
"""Each lock and the dependency groups in it. A lock repeats the pins of the one before it."""

ALONE: Mapping[str, str] = {"requirements-supply.lock": "supply"}
"""Each lock of tools that are installed without the project, and their group."""

_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a lock: exactly one version of a package."""

    name: str
    version: str


def parse(text: str) -> tuple[tuple[Pin, ...], tuple[str, ...]]:
    """Read a lock strictly: nothing but hashed pins may be in it, so no option and no address.

    Args:
        text: The file, in pip's requirements format.

    Returns:
        The pins, and what is wrong with the lines that are none.
    """
    pins, faults = [], []
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        spec, *hashes = (part.strip() for part in re.split(r"\s(?=--)", line))
        try:
            requirement = Requirement(spec)
        except InvalidRequirement:
            faults.append(f"{line.strip()[:60]!r} is no pin")
            continue
        pinned = re.fullmatch(r"==([^*,]+)", str(requirement.specifier))
        if requirement.url is not None or pinned is None:
            faults.append(f"{spec!r} is no exact version")
        elif not hashes:
            faults.append(f"{spec} has no hash")
        elif not all(_HASH.fullmatch(part) for part in hashes):
            faults.append(f"{spec} carries something else than sha256 hashes")
        else:
            pins.append(Pin(canonicalize_name(requirement.name), pinned[1]))
    return tuple(pins), tuple(faults)


def unsatisfied(requirements: Iterable[str], pins: Iterable[Pin]) -> tuple[str, ...]:
    """Say which requirements of ``pyproject.toml`` the pins don't satisfy."""
    versions = defaultdict(list)
    for pin in pins:
        versions[pin.name].append(pin.version)
    faults = []
    for requirement in map(Requirement, requirements):
        found = versions[canonicalize_name(requirement.name)]
        if not found:
            faults.append(f"{requirement} is missing")
        faults += [
            f"{requirement} isn't satisfied by {version}"
            for version in found
            if not requirement.specifier.contains(version, prereleases=True)
        ]
    return tuple(faults)


def check(folder: Path) -> tuple[str, ...]:
    """Check the locks of a project.

    Args:
        folder: Where ``pyproject.toml`` and the locks lie.

    Returns:
        One line for each fault; nothing where the locks are fresh.
    """
    pyproject = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = pyproject["project"], pyproject["dependency-groups"]
    always = list(project["dependencies"])
    for extra in EXTRAS:
        always += project["optional-dependencies"][extra]
    faults = []
    smaller: frozenset[tuple[str, str]] = frozenset()
    for lock, names in LOCKS.items():
        pins, unreadable = parse((folder / lock).read_text(encoding="utf-8"))
        wanted = always + [requirement for name in names for requirement in groups[name]]
        faults += [f"{lock}: {fault}" for fault in (*unreadable, *unsatisfied(wanted, pins))]
        here = frozenset((pin.name, pin.version) for pin in pins)
        faults += [
            f"{lock}: {name}=={version} of the smaller lock isn't repeated"
            for name, version in sorted(smaller - here)
        ]
        smaller = here
    for lock, name in ALONE.items():
        pins, unreadable = parse((folder / lock).read_text(encoding="utf-8"))
        faults += [f"{lock}: {each}" for each in (*unreadable, *unsatisfied(groups[name], pins))]
    return tuple(faults)


def main() -> int:
    """Run the check on the folder that the command line names; the working directory by default."""
    faults = check(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    if faults:
        print("error: resolve the dependencies anew: make lock", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
