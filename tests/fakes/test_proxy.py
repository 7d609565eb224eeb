"""The proxy between the bot and a server fails only as it is told to."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.fakes.proxy import Proxy, Way
from tests.fakes.waiting import HANG


@pytest.fixture
def heard() -> list[bytes]:
    """What reached the server."""
    return []


@pytest.fixture
def proxy(heard: list[bytes]) -> Iterator[Proxy]:
    """A proxy in front of a server that says everything back."""

    def serve(client: socket.socket) -> None:
        with client:
            try:
                while data := client.recv(1024):
                    heard.append(data)
                    client.sendall(data)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        with Proxy("127.0.0.1", listener.getsockname()[1]) as proxy:
            yield proxy
        listener.shutdown(socket.SHUT_RDWR)


class Client:
    """Says something and waits for the answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 5)

    def hears(self, text: bytes = b"") -> bytes:
        """Return the answer."""
        self.socket.sendall(text)
        self.socket.settimeout(HANG)
        return self.socket.recv(1024)

    def hears_nothing(self, text: bytes) -> bool:
        """Wait a moment; return whether there was no answer."""
        self.socket.sendall(text)
        self.socket.settimeout(0.2)
        try:
            self.socket.recv(1024)
        except TimeoutError:
            return True
        return False


Connect = Callable[[], Client]


@pytest.fixture
def connect(proxy: Proxy) -> Iterator[Connect]:
    clients = list[Client]()

    def connect() -> Client:
        clients.append(Client(proxy.port))
        return clients[-1]

    yield connect
    for each in clients:
        each.socket.close()


def test_what_is_frozen_goes_on_where_it_stopped(proxy: Proxy, connect: Connect) -> None:
    old = connect()
    assert old.hears(b"1") == b"1"
    proxy.freeze()
    new = connect()
    assert (old.hears_nothing(b"2"), new.hears(b"3")) == (True, b"3")
    proxy.freeze(new=True)
    newest = connect()
    assert new.hears_nothing(b"4")
    assert newest.hears_nothing(b"5")
    proxy.heal()
    assert [each.hears() for each in (old, new, newest)] == [b"2", b"4", b"5"]


def test_answers_alone_may_be_held_back(proxy: Proxy, connect: Connect, heard: list[bytes]) -> None:
    client = connect()
    assert client.hears(b"1") == b"1"
    proxy.freeze(Way.DOWN)
    assert client.hears_nothing(b"2")
    assert heard == [b"1", b"2"]


def test_what_is_lost_stays_lost(proxy: Proxy, connect: Connect, heard: list[bytes]) -> None:
    client = connect()
    assert client.hears(b"1") == b"1"
    proxy.blackhole(new=True)
    swallowed = connect()
    assert client.hears_nothing(b"2")
    assert swallowed.hears_nothing(b"3")
    proxy.heal()
    assert (client.hears_nothing(b"4"), connect().hears(b"5")) == (True, b"5")
    assert heard == [b"1", b"5"]


def test_connections_are_reset_and_new_ones_if_wished(proxy: Proxy, connect: Connect) -> None:
    client = connect()
    assert client.hears(b"1") == b"1"
    proxy.reset()
    with pytest.raises(ConnectionResetError):
        client.hears()
    assert connect().hears(b"2") == b"2"
    proxy.reset(new=True)
    with pytest.raises(ConnectionError):
        connect().hears(b"3")
    proxy.heal()
    assert connect().hears(b"4") == b"4"


def test_a_slow_one_takes_its_time(proxy: Proxy, connect: Connect) -> None:
    client = connect()
    proxy.slow(0.3)
    assert client.hears_nothing(b"1")
    assert client.hears() == b"1"
