"""Real PostgreSQL servers on loopback: for as long as the tests run, and to be crashed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

_USER = "postgres"
_SHARED = Path("/dev/shm")
_ROOM = 2 << 30
"""Bytes that are more than a few servers take, each with its log and one small database."""


def installed() -> Path | None:
    """Return the folder of the server's programs; None where it isn't installed."""
    found = shutil.which("initdb")
    folders = (
        [Path(found).resolve().parent]
        if found
        else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    )
    usable = [each for each in folders if (each / "initdb").exists()]
    return usable[-1] if usable and _user_exists() else None


class Server:
    """One server with a cluster of its own.

    Attributes:
        port: Where it listens on loopback, also after a crash.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        # The server refuses to run as root.
        self._user = _USER if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def create(self) -> None:
        """Make an empty cluster, and start it."""
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "faqbot", "-A", "trust", "-E", "UTF8", "--locale=C",
                  "--no-sync")  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start the server, after a crash too, and wait until it takes connections."""
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._control("-o", options, "-w", "start")

    def crash(self) -> None:
        """End it at once: what wasn't committed is gone, and the next start recovers the rest."""
        self._control("-m", "immediate", "stop")

    def promote(self) -> None:
        """Let a standby take writes."""
        self._control("-w", "promote")

    @contextmanager
    def standby(self) -> "Iterator[Server]":
        """Run a streaming standby of this server, whose commits wait for it from now on."""
        with folder() as made:
            standby = type(self)(self._programs, made)
            primary = f"host=127.0.0.1 port={self.port} user=faqbot application_name=standby"
            standby._run("pg_basebackup", "-D", str(made / "data"), "-R", "-X", "stream",
                         "-c", "fast", "-d", primary)  # fmt: skip
            standby.start()
            self.say("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
            self.say("SELECT pg_reload_conf()")
            try:
                yield standby
            finally:
                standby.crash()

    def say(self, statement: str) -> None:
        """Run a statement as the cluster's owner."""
        port = str(self.port)
        self._run("psql", "-h", "127.0.0.1", "-p", port, "-U", "faqbot", "-d", "postgres", "-q",
                  "-v", "ON_ERROR_STOP=1", "-c", statement)  # fmt: skip

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        # Output goes nowhere: a pipe would stay open in the server and block its reader.
        subprocess.run(
            [self._programs / program, *arguments], user=self._user, cwd=self._folder, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> Self:
        self.create()
        return self

    def __exit__(self, *_: object) -> None:
        self.crash()


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """Start a server with an empty cluster; yield its address without a database's name."""
    with folder(memory=True) as made, Server(programs, made) as server:
        yield f"postgresql+psycopg://faqbot@127.0.0.1:{server.port}"


@contextmanager
def folder(*, memory: bool = False) -> Iterator[Path]:
    """Make a folder whose path is short enough for a server's socket, and remove it.

    Args:
        memory: In memory, where a system has enough of it that looks like a disk.
    """
    roomy = memory and _SHARED.is_dir() and shutil.disk_usage(_SHARED).free > _ROOM
    made = Path(tempfile.mkdtemp(prefix="faqbot-pg-", dir=_SHARED if roomy else None))
    try:
        yield made
    finally:
        shutil.rmtree(made)


def _user_exists() -> bool:
    if os.geteuid() != 0:
        return True
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return False
    return True
