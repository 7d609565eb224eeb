"""The database's thread: what is waited for goes first, everything submitted is done."""

import threading

import pytest

from bot.desk.offload import Urgency, Writer


def test_what_is_waited_for_goes_before_work_and_each_in_order() -> None:
    writer, done, begin = Writer(), list[str](), threading.Event()
    writer.submit(begin.wait, Urgency.WORK)
    for name in ("work 1", "work 2"):
        writer.submit(lambda name=name: done.append(name), Urgency.WORK)  # type: ignore[misc]
    for name in ("ack 1", "ack 2"):
        writer.submit(lambda name=name: done.append(name), Urgency.WAITED_FOR)  # type: ignore[misc]
    begin.set()
    writer.close()
    assert done == ["ack 1", "ack 2", "work 1", "work 2"]


def test_an_error_reaches_who_awaits_it_and_not_the_next_job() -> None:
    writer = Writer()

    def fail() -> None:
        raise KeyError("bug")

    failed = writer.submit(fail, Urgency.WORK)
    done = writer.submit(lambda: "done", Urgency.WORK)
    with pytest.raises(KeyError):
        failed.result(timeout=10)
    assert done.result(timeout=10) == "done"
    writer.close()


def test_a_cancelled_job_is_not_run() -> None:
    writer, begin, ran = Writer(), threading.Event(), list[int]()
    writer.submit(begin.wait, Urgency.WORK)
    assert writer.submit(lambda: ran.append(1), Urgency.WORK).cancel()
    begin.set()
    writer.close()
    assert ran == []


def test_nothing_is_submitted_after_the_end() -> None:
    writer = Writer()
    writer.close()
    with pytest.raises(RuntimeError):
        writer.submit(lambda: None, Urgency.WORK)
