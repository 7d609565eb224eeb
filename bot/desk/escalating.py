"""Questions on their way to the lecturers."""

from collections.abc import Callable, Mapping

from bot.desk.ids import Ids
from bot.desk.posting import Posting
from bot.desk.wording import Wording
from bot.domain.inbound import Form, Place
from bot.domain.text import is_blank
from bot.store.database import Transaction
from bot.telemetry.log import EventLogger


class Escalating:
    """Keeps a question, brings it to the organisers and tells the asker so.

    Args:
        organisers: The organisers' channel on each platform that has one.
        serves: Says whether a platform is served by this process.
    """

    def __init__(
        self,
        *,
        wording: Wording,
        posting: Posting,
        ids: Ids,
        organisers: Mapping[str, Place],
        serves: Callable[[str], bool],
    ) -> None:
        self._wording = wording
        self._posting = posting
        self._ids = ids
        self._organisers = organisers
        self._serves = serves
        self._log = EventLogger("faqbot.question")

    def escalate(self, tx: Transaction, form: Form) -> None:
        """Handle a submitted form, within one transaction."""
        id_ = self._ids()
        if is_blank(form.text):
            key = "escalation.empty"
        elif not tx.escalations.add(id_, form):
            key = "escalation.already"
        elif organisers := self._channel(form.where.platform):
            card = self._wording.escalation(form.text, form.by, form.where.platform)
            self._posting.post(tx, organisers, card, ask="", once=f"escalation:{id_}")
            key = "escalation.sent"
            if not self._serves(organisers.platform):
                key = "escalation.waits"
                self._log.warning(
                    "a question for the lecturers waits until the organisers' platform is served",
                    platform=organisers.platform,
                )
        else:
            key = "escalation.kept"
        card = self._wording.line(key)
        self._posting.whisper(tx, form.where, form.by, card, ask="", once=f"form:{form.id}")

    def _channel(self, platform: str) -> Place | None:
        """Return the organisers' channel on the asker's platform, or else the one there is."""
        return self._organisers.get(platform) or next(iter(self._organisers.values()), None)
