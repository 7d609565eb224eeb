"""docs/reliability.md, drawn from docs/reliability.json; each command writes its own part."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.results import Section, Table, Target, as_markdown, machine
from tests.proofs.faults import KINDS

DOCS = Path(__file__).parents[2] / "docs"
PARTS = (*(f"faults {kind}" for kind in KINDS), "load", "soak")
"""In this order they are in the report, once they were run."""

_HEAD = """# Reliability

Written by `make faults`, each kind of trouble by itself, `make load` and `make soak` (`python \
-m tests.proofs`); don't edit. Whole processes of the bot serve a Slack and a Discord on \
loopback, on SQLite or on a real PostgreSQL; people ask all the time. Judged is by what those \
platforms hold in the end, never by what the bot says: whatever a person wrote, once Slack's \
event was acknowledged or Discord had delivered it, must have one reply, and nothing may stand \
there twice. Times are those of the machine, which also runs both platforms and the people. What \
the bot costs beside a bare echo bot is in [performance.md](performance.md).

Told of an error: an explicit "could not answer" in place of the reply, where a question had \
been begun five times by processes that died. Commands dropped: Discord gives a command to one \
process once; where that one dies before it has kept it, the member sees that it failed. \
Recovery: until a question on each platform is answered again, without a restart: within 30 s. \
Only that a connection to Discord has fallen silent takes as long to find out as it waits for \
two and a half heartbeats. Between a process's last look at its claim and the first byte of its \
request no message can be guarded: if it is stopped just there, and for longer than the claim \
holds, Slack, which knows no idempotency key, gets it twice."""


def write(part: str, run: Mapping[str, object], sections: Sequence[Section]) -> None:
    """Put a part's figures in the place of its last ones, and draw the page anew.

    Args:
        part: One of ``PARTS``.
        run: How it was run: each parameter.
        sections: What was found.
    """
    path = DOCS / "reliability.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[part] = {
        "machine": f"{machine()}, Python {platform.python_version()}",
        "run": dict(run),
        "sections": [asdict(section) for section in sections],
    }
    ordered = {name: known[name] for name in PARTS if name in known}
    path.write_text(json.dumps(ordered, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (DOCS / "reliability.md").write_text(_page(ordered), encoding="utf-8")


def met(sections: Sequence[Section]) -> bool:
    """Whether every target is met."""
    return all(target.meets(target.must) for each in sections for target in each.targets)


def show(section: Section) -> None:
    """Print what was found."""
    print(f"== {section.title}")
    for table in section.tables:
        for row in (table.header, *table.rows):
            print("  " + " | ".join(row))
    for target in section.targets:
        print("  " + " | ".join(_row(target)), flush=True)


def _page(parts: Mapping[str, Mapping[str, object]]) -> str:
    blocks = [_HEAD]
    for name, part in parts.items():
        sections = [_section(each) for each in part["sections"]]  # type: ignore[attr-defined]
        run = ", ".join(f"{key} {value}" for key, value in part["run"].items())  # type: ignore[attr-defined]
        target, _, kind = name.partition(" ")
        title = f"## `make {target}`" + (f": {kind}" if kind else "")
        blocks.append(f"{title}\n\n{part['machine']}; {run}.")
        for section in sections:
            blocks.append(f"### {section.title}")
            blocks += section.notes
            blocks += map(as_markdown, section.tables)
            if section.targets:
                rows = tuple(map(_row, section.targets))
                blocks.append(as_markdown(Table(("what", "measured", "must", ""), rows)))
    return "\n\n".join(blocks) + "\n"


def _row(target: Target) -> tuple[str, str, str, str]:
    sign = "≥" if target.at_least else "≤"
    verdict = "met" if target.meets(target.must) else "**missed**"
    return target.what, f"{target.measured:.3g}", f"{sign} {target.must:g}", verdict


def _section(given: Mapping[str, object]) -> Section:
    found: dict[str, object] = dict(given)
    tables = tuple(
        Table(tuple(each["header"]), tuple(map(tuple, each["rows"])))
        for each in given["tables"]  # type: ignore[attr-defined]
    )
    targets = tuple(Target(**each) for each in given["targets"])  # type: ignore[attr-defined]
    found |= {"tables": tables, "targets": targets, "notes": tuple(given["notes"])}  # type: ignore[arg-type]
    return Section(**found)  # type: ignore[arg-type]
