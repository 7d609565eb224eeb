"""What happens on each thing that Slack sends: it is committed, or answered at once.

Whatever a worker can do later is only committed here, and then acknowledged. A listener does no
more than that, or opens a view, as Slack waits three seconds and no longer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.common import Malformed, read
from adapters.slack import inbound, payloads
from adapters.slack.api import answered, translated
from adapters.slack.inbound import Deleted, Edited, Switch
from adapters.slack.outbound import SlackPlatform
from adapters.slack.render import (
    SELECT_OPTIONS,
    home_view,
    messages,
    offered,
    sheet_view,
    words,
)
from adapters.slack.written import NOBODY, Names, is_channel, mentions
from bot.desk.desk import Desk, StoreError
from bot.domain.card import Card, Sheet
from bot.domain.inbound import MessageRef, Obstacle, Person, Place, Question, Trouble
from bot.domain.ports import Gone, NotAllowed, PlatformError
from bot.telemetry import EventLogger

Body = Mapping[str, Any]

PATIENCE = 2.5
"""Seconds that asking Slack about somebody may take: the command itself is waited for."""

log = EventLogger("faqbot.slack")


@dataclass(frozen=True, slots=True)
class Listeners:
    """The listeners. They hold no state: a restart changes nothing.

    Attributes:
        desk: What they tell, and what says how to answer.
        client: Acts as the bot.
        platform: What the desk posts by.
        organisers: The id of the organisers' channel, if Slack has it.
    """

    desk: Desk
    client: AsyncWebClient
    platform: SlackPlatform
    organisers: str | None = None

    async def event(self, body: Body) -> int:
        """Take an event; return the HTTP status that it is answered with once its listener ended.

        Not by way of bolt: that would ask one listener after the other whether it is the right one,
        each with all at hand that a listener can want, which takes longer than all that it does.
        """
        try:
            await EVENTS.get(body["event"]["type"], Listeners.other_event)(self, body)
        except Exception as error:  # noqa: BLE001  # whatever it is, Slack sends it again
            return (await self.failed(error)).status
        return 200

    async def message(self, body: Body) -> None:
        """Commit a question; where that fails nothing is acknowledged, and Slack sends it again."""
        names = NOBODY
        # What organisers say may stand in an answer.
        if self.organisers is not None and body["event"].get("channel") == self.organisers:
            names = await self._names(body)
        match inbound.message(body, names):
            case Question() as question:
                if question.addressed or await self.desk.hears(question):
                    await self.desk.receive(question)
            case Edited(ref, text):
                await self.desk.edited(ref, text)
            case Deleted(ref):
                await self.desk.deleted(ref)

    async def joined(self, body: Body) -> None:
        """Send what waits for a channel that the bot is invited to."""
        channel = inbound.joined(body)
        if channel is not None:
            await self.desk.reachable(inbound.PLATFORM, channel)

    async def other_event(self, body: Body) -> None:
        """Acknowledge what nobody listens to: unacknowledged, it would be sent three times more."""
        log.debug("event without a listener", type=body["event"].get("type"))

    async def home(self, body: Body) -> None:
        """Show the Home tab to who opens it."""
        event = read(body, payloads.HomeDelivery).event
        if event.tab == "home":
            await self._show_home(event.user, 0)

    async def command(self, ack: AsyncAck, body: Body) -> None:
        """Take ``/faq``: a question, or nothing for help; or the switch for watching."""
        match inbound.command(body):
            case Switch(place, by, on) as switch:
                obstacle = None if on is None else await self._obstacle(switch)
                shown: Card | Sheet | None = await self.desk.switch(place, on, by, obstacle)
            case Question() as question:
                shown = await self.desk.take(question)
        if isinstance(shown, Card):
            (message,) = messages(shown)
            await ack(text=message.text, blocks=list(message.blocks))
        else:
            await ack()

    async def shortcut(self, ack: AsyncAck, body: Body) -> None:
        """Take somebody's message as the question of who chose the shortcut."""
        question = inbound.shortcut(body)
        shown = await self.desk.take(question)
        await ack()
        await self._show(shown, question.ref.place, question.ref.message)

    async def press(self, ack: AsyncAck, body: Body) -> None:
        """Take a press: it is committed, opens a form, or doesn't work (any more)."""
        press = inbound.press(body)
        await ack()
        await self._show(await self.desk.take(press), press.on.place, press.id)

    async def submit_form(self, ack: AsyncAck, body: Body) -> None:
        """Take a form; where that fails it stays open, with what was typed."""
        given = read(body, payloads.Submission)
        form = inbound.form(given)
        if form is None:
            shown: Card | Sheet | None = self.desk.explain(Trouble.UNKNOWN_BUTTON)
        else:
            shown = await self.desk.take(form)
        if isinstance(shown, Card):
            block = next(iter(given.view.state.values), "")
            await ack(response_action="errors", errors={block: words(shown)})
        else:
            await ack()

    async def complete(self, ack: AsyncAck, body: Body) -> None:
        """Complete what somebody types into a form."""
        typed = read(body, payloads.Suggestion).value
        found = self.desk.choices(typed, SELECT_OPTIONS)
        await ack(options=offered(found))

    async def open_entry(self, ack: AsyncAck, body: Body) -> None:
        """Open an entry that was chosen on the Home tab."""
        await ack()
        given = read(body, payloads.Actions)
        sheet = self.desk.show(given.actions[0].value)
        place = Place(inbound.PLATFORM, "", "")
        await self._show(sheet, place, given.trigger_id)

    async def turn_page(self, ack: AsyncAck, body: Body) -> None:
        """Show another page of the Home tab."""
        await ack()
        given = read(body, payloads.Actions)
        page = given.actions[0].value
        await self._show_home(given.user.id, int(page) if page.isdecimal() else 0)

    async def forget(self, ack: AsyncAck, body: Body) -> None:
        """Delete somebody's data, as they pressed and confirmed on the Home tab."""
        await ack()
        user = read(body, payloads.Actions).user
        place = Place(inbound.PLATFORM, "", "")
        said = await self.desk.forget_me(Person(user.id), place)
        await self._show_home(user.id, 0, said)

    async def other_view(self, ack: AsyncAck) -> None:
        """Close a modal of an older version."""
        await ack()

    async def failed(self, error: Exception) -> BoltResponse:
        """Answer for a listener that failed: nothing is acknowledged."""
        # The words pass the text gate, an id doesn't: half a surrogate pair in one can't be kept.
        if isinstance(error, Malformed | UnicodeEncodeError):
            log.warning("malformed payload", fault=str(error))
            return BoltResponse(status=400)
        if isinstance(error, StoreError):
            log.error("not saved, so not acknowledged", error=str(error))
        else:
            log.error("listener failed", error)
        return BoltResponse(status=500)

    async def _names(self, body: Body) -> Names:
        """Return what whom and what a message mentions is called."""
        delivery = read(body, payloads.Delivery)
        event, me = delivery.event, {each.user_id for each in delivery.authorizations}
        found = {
            id_: at for id_, at in mentions((event.message or event).text or "") if id_ not in me
        }
        called = await asyncio.gather(*(self._called(*each) for each in found.items()))
        everybody = {each: f"@{each}" for each in ("here", "channel", "everyone")}
        return everybody | {id_: name for id_, name in zip(found, called, strict=True) if name}

    async def _called(self, id_: str, label: str) -> str:
        """Return what a reader sees of a mention; of a channel without a name, its address."""
        name = label.lstrip("@#")
        try:
            async with asyncio.timeout(PATIENCE):
                if not name and is_channel(id_):
                    name = (await self._channel(id_)).name
                elif not name:
                    name = await self.platform.called(id_)
        except (PlatformError, Malformed, TimeoutError) as error:
            log.warning("couldn't ask for a name", error=str(error))
        if name:
            return f"#{name}" if is_channel(id_) else f"@{name}"
        at = MessageRef(Place(inbound.PLATFORM, "", id_), "")
        return (is_channel(id_) and self.platform.address(at)) or ""

    async def _show(self, shown: Card | Sheet | None, place: Place, trigger: str) -> None:
        """Show what the desk answers at once, and only to who acted."""
        match shown:
            case Sheet() as sheet:
                try:
                    with translated():
                        view = sheet_view(sheet, place)
                        await self.client.views_open(trigger_id=trigger, view=view)
                except PlatformError as error:  # mostly as the press is too long ago
                    log.warning("couldn't open a view", error=str(error))
                    await self._show(self.desk.explain(Trouble.NOT_OPENED), place, trigger)
            case Card() as card if place.handle is not None:
                try:
                    for message in messages(card):
                        await self.platform.respond(place.handle, message, "ephemeral")
                except PlatformError as error:
                    log.warning("couldn't explain", error=str(error))

    async def _show_home(self, user: str, page: int, said: Card | None = None) -> None:
        view = home_view(self.desk.browse(page), self.desk.privacy(), said)
        try:
            with translated():
                await self.client.views_publish(user_id=user, view=view)
        except PlatformError as error:
            log.warning("couldn't show the Home tab", error=str(error))

    async def _obstacle(self, switch: Switch) -> Obstacle | None:
        """Return why somebody can't switch watching; None: they can."""
        try:
            async with asyncio.timeout(PATIENCE):
                call = self.client.users_info(user=switch.by.id)
                member = (await answered(call, payloads.MemberInfo)).user
                channel = await self._channel(switch.place.channel)
        except (PlatformError, TimeoutError) as error:
            log.warning("couldn't switch watching", error=str(error))
            return Obstacle.UNCLEAR
        if switch.on and not (channel.is_member and not channel.is_archived):
            return Obstacle.NOT_A_MEMBER
        if member.is_admin or member.is_owner or member.is_primary_owner:
            return None
        return None if channel.creator == switch.by.id else Obstacle.NOT_ALLOWED

    async def _channel(self, channel: str) -> payloads.Channel:
        """Look at a channel; at nothing where Slack doesn't show it, as to none but its members."""
        try:
            call = self.client.conversations_info(channel=channel)
            return (await answered(call, payloads.ChannelInfo)).channel
        except (Gone, NotAllowed):
            return payloads.Channel()


EVENTS: Mapping[str, Callable[[Listeners, Body], Awaitable[None]]] = {
    "app_mention": Listeners.message,
    "message": Listeners.message,
    "member_joined_channel": Listeners.joined,
    "app_home_opened": Listeners.home,
}
"""The listeners by the event's type; the manifest subscribes to exactly these."""


async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Let everybody in without asking Slack.

    By default bolt asks Slack who it is before the first event; while the token is revoked it
    would then acknowledge events that no listener saw.
    """
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
