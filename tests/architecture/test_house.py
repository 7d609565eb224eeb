"""What was gathered stays gathered: ``make house`` prints all that is counted."""

from scripts.house import ROOT, floors, twice


def test_nothing_is_done_by_two_mechanisms() -> None:
    assert twice() == {}


def test_the_desk_stands_on_five_floors_at_most() -> None:
    assert floors(ROOT / "bot" / "desk") <= 5
