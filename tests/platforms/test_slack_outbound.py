"""Cards reach Slack once, whole and in order, whatever Slack answers."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.api import Refused, Undrawable
from adapters.slack.outbound import SlackPlatform
from bot.domain.card import Button, Card, Kind, Outgoing, Quote, Say
from bot.domain.inbound import Action, MessageRef, Place
from bot.domain.ports import Gone, NotAllowed, PlatformError, RateLimited, Unreachable
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT_TOKEN, TEAM, Fault, Said

SHORT = Card((Quote("はい、使いました。"),), (Button("違う", Action.WRONG, "01JASK", "0"),))
LONG = Card((Quote("長い回答です。" * 3000),), SHORT.buttons)


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as made:
        yield made
        assert made.refused == []


@pytest.fixture
async def platform(fake: FakeSlack) -> AsyncIterator[SlackPlatform]:
    timeout = aiohttp.ClientTimeout(total=0.5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(
            token=BOT_TOKEN, base_url=fake.api_url, session=session, retry_handlers=[]
        )
        yield SlackPlatform(client, session, "C0ORGANISERS")


@pytest.fixture
def question(fake: FakeSlack) -> Said:
    return fake.add(Said(fake.ts(), "C0GENERAL", "U0AKEMI", "質問"))


def out(said: Said, card: Card = SHORT, **change: object) -> Outgoing:
    place = Place("slack", TEAM, said.channel, said.ts)
    return replace(Outgoing("01JOUT", place, card), **change)


async def test_a_card_is_posted_in_the_thread_and_found_there(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    assert await platform.find(out(question)) is None
    ref = await platform.send(out(question))
    (posted,) = fake.replies(question.ts)
    assert ref == MessageRef(out(question).to, posted.ts)
    assert await platform.find(out(question)) == ref
    assert await platform.find(out(question, id="01JOTHER")) is None


@pytest.mark.fault(33)
async def test_nothing_is_linked_parsed_or_unfurled(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    await platform.send(out(question))
    ((_, sent),) = fake.calls
    flags = {k: sent[k] for k in ("parse", "link_names", "mrkdwn", "unfurl_links", "unfurl_media")}
    assert flags == {"parse": "none", "link_names": False, "mrkdwn": False,
                     "unfurl_links": False, "unfurl_media": False}  # fmt: skip


@pytest.mark.fault(47)
@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503, after_effect=True),
        Fault(cut=True, after_effect=True),
        Fault(error="internal_error", after_effect=True),
        Fault(delay=0.7, after_effect=True),
    ],
)
async def test_a_post_of_unknown_fate_is_found_in_the_thread(
    fake: FakeSlack, platform: SlackPlatform, question: Said, fault: Fault
) -> None:
    fake.fail("chat.postMessage", fault)
    with pytest.raises(Unreachable):
        await platform.send(out(question))
    await fake.until(lambda: fake.replies(question.ts))
    assert await platform.find(out(question)) is not None


@pytest.mark.fault(47)
async def test_a_card_in_parts_is_finished_where_it_broke_off(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    card = out(question, LONG)
    fake.fail("chat.postMessage", Fault(status=503, after_effect=True))
    with pytest.raises(Unreachable):
        await platform.send(card)
    assert await platform.find(card) is None
    first = await platform.send(card)
    parts = fake.replies(question.ts)
    assert "".join(part.words for part in parts) == "長い回答です。" * 3000
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert await platform.find(card) == first == MessageRef(card.to, parts[0].ts)


async def test_a_card_in_a_long_thread_is_found(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    for number in range(1450):
        fake.add(Said(fake.ts(), "C0GENERAL", "U0KENJI", str(number), question.ts))
    ref = await platform.send(out(question))
    assert await platform.find(out(question)) == ref


async def test_a_card_in_a_direct_message_is_found_without_a_thread(
    fake: FakeSlack, platform: SlackPlatform
) -> None:
    outgoing = Outgoing("01JOUT", Place("slack", TEAM, "D0AKEMI"), SHORT)
    ref = await platform.send(outgoing)
    assert fake.replies(channel="D0AKEMI")[0].thread is None
    assert await platform.find(outgoing) == ref


@pytest.mark.fault(46)
@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault(error="ratelimited", status=429, retry_after="3600"), 3600.0),
        (Fault(error="ratelimited", status=429), 10.0),
        (Fault(error="", status=429, retry_after="5"), 5.0),
        (Fault(error="rate_limited"), 10.0),
        (Fault(error="ratelimited", status=429, retry_after="0"), 1.0),
    ],
)
async def test_being_told_to_wait_says_how_long(
    fake: FakeSlack, platform: SlackPlatform, question: Said, fault: Fault, seconds: float
) -> None:
    fake.fail("chat.postMessage", fault)
    with pytest.raises(RateLimited) as caught:
        await platform.send(out(question))
    assert (caught.value.retry_after, fake.replies()) == (seconds, [])


@pytest.mark.fault(50, 55)
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("is_archived", Gone),
        ("channel_not_found", Gone),
        ("thread_not_found", Gone),
        ("message_not_found", Gone),
        ("not_in_channel", NotAllowed),
        ("restricted_action", NotAllowed),
        ("restricted_action_thread_only_channel", NotAllowed),
        ("team_access_not_granted", NotAllowed),
        ("user_is_restricted", NotAllowed),
        ("invalid_auth", Refused),
        ("token_revoked", Refused),
        ("account_inactive", Refused),
        ("something_new", PlatformError),
    ],
)
async def test_a_refusal_is_told_as_what_it_means(
    fake: FakeSlack, platform: SlackPlatform, question: Said, error: str, kind: type[PlatformError]
) -> None:
    fake.fail("chat.postMessage", Fault(error=error))
    with pytest.raises(PlatformError) as caught:
        await platform.send(out(question))
    assert type(caught.value) is kind
    assert error in str(caught.value) or caught.value.remedy


@pytest.mark.fault(44)
async def test_a_missing_scope_is_named(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    fake.scopes = "commands"
    with pytest.raises(NotAllowed) as caught:
        await platform.send(out(question))
    assert caught.value.needed == "chat:write"
    assert "OAuth & Permissions" in caught.value.remedy


@pytest.mark.fault(51)
async def test_what_slack_cannot_draw_goes_out_once_as_plain_text(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    fake.fail("chat.postMessage", Fault(error="invalid_blocks"))
    await platform.send(out(question))
    (posted,) = fake.replies(question.ts)
    assert (posted.blocks, posted.text) == ([], "はい、使いました。")
    fake.fail("chat.postMessage", Fault(error="msg_blocks_too_long"), times=2)
    with pytest.raises(Undrawable):
        await platform.send(out(question, id="01JNEXT"))


async def test_an_edit_replaces_every_part_from_whichever_it_is_made(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    await platform.send(out(question, LONG))
    last = fake.replies(question.ts)[-1]
    line = Card((Say("取り下げました。"),))
    edit = out(question, line, id="01JEDIT", kind=Kind.EDIT, edits=last.ts)
    for _ in range(2):
        await platform.send(edit)
    assert [each.words for each in fake.replies(question.ts)] == ["取り下げました。"]


async def test_an_edit_may_need_more_parts_than_there_were(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    first = await platform.send(out(question))
    edit = out(question, LONG, id="01JEDIT", kind=Kind.EDIT, edits=first.message)
    fake.fail("chat.postMessage", Fault(status=503, after_effect=True))
    with pytest.raises(Unreachable):
        await platform.send(edit)
    await platform.send(edit)
    words = "".join(each.words for each in fake.replies(question.ts))
    assert words == "長い回答です。" * 3000


async def test_an_edit_of_a_direct_message_needs_no_thread(
    fake: FakeSlack, platform: SlackPlatform
) -> None:
    place = Place("slack", TEAM, "D0AKEMI")
    first = await platform.send(Outgoing("01JOUT", place, SHORT))
    line = Card((Say("取り下げました。"),))
    await platform.send(Outgoing("01JEDIT", place, line, Kind.EDIT, edits=first.message))
    assert [each.words for each in fake.replies(channel="D0AKEMI")] == ["取り下げました。"]


async def test_a_deleted_message_cannot_be_edited(platform: SlackPlatform, question: Said) -> None:
    with pytest.raises(Gone):
        await platform.send(out(question, kind=Kind.EDIT, edits="1763980000.000001"))


async def test_a_private_answer_is_shown_to_one_person_by_its_handle(
    fake: FakeSlack, platform: SlackPlatform
) -> None:
    handle = fake.handle("C0GENERAL", "U0AKEMI", None)
    place = Place("slack", TEAM, "C0GENERAL", private_to="U0AKEMI", handle=handle)
    await platform.send(Outgoing("01JOUT", place, SHORT, Kind.PRIVATE))
    assert [each.words for each in fake.private("U0AKEMI")] == ["はい、使いました。"]
    assert fake.replies() == []


async def test_a_private_answer_without_a_working_handle_is_shown_in_the_channel(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    for handle in (None, f"{fake.api_url}../respond/expired"):
        to = replace(out(question).to, private_to="U0AKEMI", handle=handle)
        await platform.send(Outgoing("01JOUT", to, SHORT, Kind.PRIVATE))
    shown = fake.private("U0AKEMI")
    assert [(each.words, each.thread) for each in shown] == [("はい、使いました。", None)] * 2


async def test_a_private_answer_to_a_press_in_a_thread_is_shown_in_that_thread(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    await platform.send(out(question))
    handle = fake.handle("C0GENERAL", "U0AKEMI", None) + f"#{question.ts}"
    to = replace(out(question).to, private_to="U0AKEMI", handle=handle)
    await platform.send(Outgoing("01JNOTE", to, SHORT, Kind.PRIVATE))
    assert [each.thread for each in fake.private("U0AKEMI")] == [question.ts]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(status=500), Unreachable),
        (Fault(cut=True), Unreachable),
        (Fault(status=429, retry_after="7"), RateLimited),
    ],
)
async def test_a_handle_that_fails_is_told_as_what_it_means(
    fake: FakeSlack, platform: SlackPlatform, fault: Fault, kind: type[PlatformError]
) -> None:
    handle = fake.handle("C0GENERAL", "U0AKEMI", None)
    fake.fail("response_url", fault)
    place = Place("slack", TEAM, "C0GENERAL", private_to="U0AKEMI", handle=handle)
    with pytest.raises(kind):
        await platform.send(Outgoing("01JOUT", place, SHORT, Kind.PRIVATE))


async def test_an_answer_is_shared_where_the_bot_is_not_in_the_channel(
    fake: FakeSlack, platform: SlackPlatform
) -> None:
    fake.outside.add("C0OTHER")
    handle = fake.handle("C0OTHER", "U0AKEMI", None)
    shared = Outgoing("01JOUT", Place("slack", TEAM, "C0OTHER", handle=handle), SHORT)
    ref = await platform.send(shared)
    assert [each.words for each in fake.replies(channel="C0OTHER")] == ["はい、使いました。"]
    edit = replace(shared, id="01JEDIT", kind=Kind.EDIT, edits=ref.message)
    with pytest.raises(Gone):
        await platform.send(edit)


@pytest.mark.fault(97)
async def test_what_is_shared_by_the_handle_stands_in_its_own_thread(
    fake: FakeSlack, platform: SlackPlatform
) -> None:
    fake.outside.add("C0OTHER")
    message = fake.add(Said(fake.ts(), "C0OTHER", "U0KENJI", "質問"))
    for pressed_in in ("", "#1763980000.000100"):
        handle = fake.handle("C0OTHER", "U0AKEMI", None) + pressed_in
        to = Place("slack", TEAM, "C0OTHER", message.ts, handle=handle)
        await platform.send(Outgoing("01JOUT", to, SHORT))
    shared = fake.replies(channel="C0OTHER")
    assert [each.thread for each in shared] == [message.ts] * 2


@pytest.mark.fault(97)
async def test_where_not_even_the_handle_works_the_refusal_is_told(
    fake: FakeSlack, platform: SlackPlatform
) -> None:
    fake.outside.add("C0OTHER")
    handle = f"{fake.api_url}../respond/expired"
    with pytest.raises(NotAllowed, match="/invite"):
        await platform.send(
            Outgoing("01JOUT", Place("slack", TEAM, "C0OTHER", handle=handle), SHORT)
        )


async def test_a_direct_message_goes_to_one_person_and_is_found_there(
    fake: FakeSlack, platform: SlackPlatform
) -> None:
    to = Place("slack", TEAM, "C0GENERAL", "1763980000.000100", private_to="U0AKEMI")
    outgoing = Outgoing("01JOUT", to, SHORT, Kind.DIRECT)
    assert await platform.find(outgoing) is None
    ref = await platform.send(outgoing)
    (posted,) = fake.replies(channel="D0AKEMI")
    assert ref == MessageRef(Place("slack", TEAM, "D0AKEMI"), posted.ts)
    assert await platform.find(outgoing) == ref


@pytest.mark.parametrize(
    ("message", "thread", "address"),
    [
        ("1763980000.000200", None, "https://event.example/archives/C0/p1763980000000200"),
        (
            "1763980000.000200",
            "1763980000.000100",
            "https://event.example/archives/C0/p1763980000000200"
            "?thread_ts=1763980000.000100&cid=C0",
        ),
        ("1111.2222.action", None, "https://event.example/archives/C0"),
        ("", "1763980000.000100", "https://event.example/archives/C0/p1763980000000100"),
    ],
)
async def test_a_message_and_a_place_have_an_address(
    platform: SlackPlatform, message: str, thread: str | None, address: str
) -> None:
    ref = MessageRef(Place("slack", TEAM, "C0", thread), message)
    assert platform.address(ref) is None  # until Slack has told where it is
    platform.workspace = "https://event.example/"
    assert platform.address(ref) == address


async def test_a_name_is_asked_for_once(fake: FakeSlack, platform: SlackPlatform) -> None:
    fake.names["U0AKEMI"] = "明美"
    fake.fail("users.info", Fault(status=503))
    assert [await platform.called("U0AKEMI") for _ in range(3)] == ["", "明美", "明美"]
    assert await platform.called("U0KENTA") == "u0kenta"
    assert len(fake.calls_of("users.info")) == 3


async def test_a_private_line_without_a_handle_stands_in_its_thread_once_that_has_begun(
    fake: FakeSlack, platform: SlackPlatform, question: Said
) -> None:
    place = replace(out(question).to, private_to="U0AKEMI")
    alone = out(question, to=place, kind=Kind.PRIVATE)
    await platform.send(alone)
    await platform.send(out(question))
    await platform.send(alone)
    assert [None, question.ts] == [each.thread for each in fake.private("U0AKEMI")]
