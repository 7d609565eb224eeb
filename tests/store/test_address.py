"""An address of a database that can't be used is told in a sentence, without the password in it."""

import traceback

import pytest

from bot.store import Database, StoreError

MARKER = "marker"
"""The password, or a part of it."""


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite://var/a.db"])
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="FAQBOT_DATABASE_URL"):
        Database.open(url)


@pytest.mark.fault(92)
@pytest.mark.parametrize(
    ("url", "says"),
    [
        # What stands behind the second colon is taken for a port, and a port must be a number.
        (f"postgresql+psycopg://faqbot:{MARKER}", "%40 for @"),
        (f"postgresql+psycopg://faqbot:{MARKER}@[::1/faqbot", "%40 for @"),
        # The password ends at the first @, and the rest would be shown as the host's name.
        (f"postgresql+psycopg://faqbot:p@{MARKER}@127.0.0.1:1/faqbot", "%40 for @"),
        (f"postgresql+psycopg2://faqbot:{MARKER}@127.0.0.1/faqbot", "no database that is supp"),
        (f"postgresql+asyncpg://faqbot:{MARKER}@127.0.0.1/faqbot", "no database that is supp"),
        (f"postgresql+nodriver://faqbot:{MARKER}@127.0.0.1/faqbot", "no database that is supp"),
        (f"postgres://faqbot:{MARKER}@127.0.0.1/faqbot", "no database that is supported"),
        (f"faqbot:{MARKER}@127.0.0.1/faqbot", "can't be used"),
        (f"postgresql+psycopg://faqbot:{MARKER}@127.0.0.1:1/faqbot?sslmod=no", '"sslmod"'),
    ],
)
def test_it_is_refused_in_a_sentence_that_says_what_to_change(url: str, says: str) -> None:
    with pytest.raises(StoreError) as refused:
        Database.open(url)
    assert says in str(refused.value)
    assert MARKER not in "".join(traceback.format_exception(refused.value))
