"""The guards are where the mutants look for them, and some are tried."""

import pytest

from tests.proofs.mutants import MUTANTS, Mutant, survivors
from tests.proofs.world import ROOT


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_guard_stands_where_its_mutant_takes_it_away(mutant: Mutant) -> None:
    assert mutant.mutated(ROOT) != (ROOT / mutant.file).read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_some_mutants_are_caught_and_code_without_a_change_is_not() -> None:
    """All of them: make faults."""
    some = [each for each in MUTANTS if each.tests.startswith("tests/store")][:3]
    assert {} == {mutant.name: wrong for mutant, wrong in survivors(some) if wrong}


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_change_that_no_test_minds_survives() -> None:
    file, tests = "bot/store/inbox.py", "tests/store/test_inbox.py"
    harmless = Mutant("nothing", file, "LEASE = 20.0", "LEASE = 20.5", tests)
    (_, sound), (_, wrong) = survivors([harmless])
    assert (sound, wrong) == ("", "no test noticed")
