"""``python -m tests.proofs``: trouble the bot, and judge it by what the platforms hold.

faults   kills, stops, databases, networks, disks, clocks, an upgrade, simulated hours, mutants
load     events at a steady rate, a burst, a year of rows
soak     half an hour with a new connection every minute

Each writes its part of docs/reliability.md; with --only, or --print, it only prints. Exit code 1
where anything was lost or doubled, or a target was missed.
"""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from pathlib import Path

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
            folder = Path(tempfile.mkdtemp(prefix="faqbot-proofs-"))
            sections = faults.play(folder, given.seed, given.trials, given.seeds, given.only)
        case "load":
            processes = [int(each) for each in given.processes.split(",")]
            sections = asyncio.run(
                load.loads(given.minutes, given.rate, processes, given.meaning, given.seed)
            )
        case _:
            sections = asyncio.run(
                load.soak(given.minutes, given.rate, given.reconnect, given.meaning, given.seed)
            )
    for section in sections:
        report.show(section)
    if not given.print and not given.only:
        took = f"{(time.monotonic() - began) / 60:.0f} min"
        report.write(given.part, {**run, "took": took}, sections)
    met = report.met(sections)
    if given.part == "faults":
        if met:
            shutil.rmtree(folder)
        else:
            print(f"The processes' logs and databases are in {folder}.")
    return 0 if met else 1


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
    of_faults.add_argument(
        "--only", nargs="+", choices=faults.KINDS, default=[], help="some kinds; prints only"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
