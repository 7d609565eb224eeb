"""``python -m tests.proofs``: trouble the bot, and judge it by what the platforms hold.

faults   kills, stops, databases, networks, disks, clocks, an upgrade, simulated hours, mutants
load     events at a steady rate, a burst, a year of rows
soak     half an hour with a new connection every minute

Each writes its part of docs/reliability.md; with --print it only prints. Exit code 1
where anything was lost or doubled, or a target was missed.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.results import Section
from tests.proofs import faults, load, report


def main() -> int:
    """Run what the command line asks for, and return the exit code."""
    given = _parser().parse_args()
    run = {
        name: value for name, value in vars(given).items() if name not in ("part", "only", "print")
    }
    # Connections that are cut on purpose, in the fakes' servers.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    began = time.monotonic()
    match given.part:
        case "faults":
            return _faults(given, run)
        case "load":
            processes = [int(each) for each in given.processes.split(",")]
            sections = asyncio.run(
                load.loads(given.minutes, given.rate, processes, given.meaning, given.seed)
            )
        case _:
            sections = asyncio.run(
                load.soak(given.minutes, given.rate, given.reconnect, given.meaning, given.seed)
            )
    _tell(given.part, sections, run, began, given.print)
    return 0 if report.met(sections) else 1


def _faults(given: argparse.Namespace, run: Mapping[str, object]) -> int:
    """Play each kind of trouble; what one has shown is written before the next begins."""
    folder = Path(tempfile.mkdtemp(prefix="faqbot-proofs-"))
    met = True
    for kind in given.only or faults.KINDS:
        began = time.monotonic()
        sections = faults.play(folder, given.seed, given.trials, given.seeds, kind)
        _tell(f"faults {kind}", sections, run, began, given.print)
        met &= report.met(sections)
    if met:
        shutil.rmtree(folder)
    else:
        print(f"The processes' logs and databases are in {folder}.")
    return 0 if met else 1


def _tell(
    part: str,
    sections: Sequence[Section],
    run: Mapping[str, object],
    began: float,
    only_print: bool,
) -> None:
    """Print what was found, and write it into the report."""
    for section in sections:
        report.show(section)
    if not only_print:
        took = f"{(time.monotonic() - began) / 60:.0f} min"
        report.write(part, {**run, "took": took}, sections)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.proofs", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parts = parser.add_subparsers(dest="part", required=True)
    of_faults = parts.add_parser("faults", help="trouble of every kind")
    of_faults.add_argument("--trials", type=int, default=450, help="kills for each store")
    of_faults.add_argument("--seeds", type=int, default=2000, help="simulated minutes")
    of_load = parts.add_parser("load", help="how much the bot carries")
    of_load.add_argument("--minutes", type=float, default=10)
    of_load.add_argument("--rate", type=float, default=100, help="events a second")
    of_load.add_argument("--processes", default="1,2,4", help="how many, one run for each")
    of_soak = parts.add_parser("soak", help="for long")
    of_soak.add_argument("--minutes", type=float, default=30)
    of_soak.add_argument("--rate", type=float, default=20, help="events a second")
    of_soak.add_argument("--reconnect", type=float, default=60, help="seconds")
    for part in (of_faults, of_load, of_soak):
        part.add_argument("--seed", type=int, default=1)
        part.add_argument("--print", action="store_true", help="write no report")
        part.set_defaults(only=[])
    for part in (of_load, of_soak):
        part.add_argument("--meaning", choices=("on", "off"), default="on")
    of_faults.add_argument("--only", nargs="+", choices=faults.KINDS, default=[], help="some kinds")
    return parser


if __name__ == "__main__":
    sys.exit(main())
