"""A real PostgreSQL server on loopback for as long as the tests run."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_USER = "postgres"


def installed() -> Path | None:
    """Return the folder of the server's programs; None where it isn't installed."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    usable = [each for each in folders if (each / "initdb").exists()]
    return usable[-1] if usable and _user_exists() else None


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """Start a server with an empty cluster; yield its address without a database's name."""
    folder = Path(tempfile.mkdtemp(prefix="faqbot-pg-"))
    # The server refuses to run as root.
    user = _USER if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        # Output goes nowhere: a pipe would stay open in the server and block its reader.
        subprocess.run(
            [programs / program, *arguments], user=user, cwd=folder, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    data = str(folder / "data")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run("initdb", "-D", data, "-U", "faqbot", "-A", "trust", "-E", "UTF8", "--locale=C")
    run("pg_ctl", "-D", data, "-o", options, "-w", "start")
    try:
        yield f"postgresql+psycopg://faqbot@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _user_exists() -> bool:
    if os.geteuid() != 0:
        return True
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return False
    return True
