"""Who may answer on Slack, and how cards and forms of the loop are drawn there."""

import pytest

from bot.domain.ports import Gone, NotAllowed
from tests.platforms.slack_bench import bench


async def test_whoever_is_in_the_organisers_channel_organises_and_nobody_else() -> None:
    async with bench(organisers="C0ORGANISERS") as slack:
        organises = slack.slack.platform.organises
        everybody = slack.fake.members["C0ORGANISERS"] = [f"U{n}" for n in range(1450)]
        asked = [await organises(each) for each in ("U0", "U1449", "U1450")]
        assert asked == [True, True, False]
        everybody.remove("U1449")
        assert not await organises("U1449")
        slack.fake.outside.add("C0ORGANISERS")
        with pytest.raises(NotAllowed):
            await organises("U0")


async def test_where_a_user_group_may_answer_the_channel_does_not_matter() -> None:
    async with bench(organisers="C0ORGANISERS", organiser_group="S0STAFF") as slack:
        organises = slack.slack.platform.organises
        slack.fake.members["C0ORGANISERS"] = ["U0AKEMI"]
        slack.fake.groups["S0STAFF"] = ["U0STAFF"]
        assert [await organises(each) for each in ("U0STAFF", "U0AKEMI")] == [True, False]
        slack.fake.groups.clear()
        with pytest.raises(Gone):
            await organises("U0STAFF")
