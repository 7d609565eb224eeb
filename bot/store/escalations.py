"""Questions on their way to the lecturers."""

import hashlib

from bot.domain.inbound import Form
from bot.store.codec import encode_place
from bot.store.schema import Session, escalations


class Escalations:
    """Escalations within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, escalation: str, form: Form) -> bool:
        """Keep a question for the lecturers.

        Args:
            escalation: Its id.
            form: What was sent.

        Returns:
            False where the same member sent the same words for the same ask before.
        """
        same = "\n".join((form.where.platform, form.about, form.by.id, form.text))
        return self._session.insert_new(
            escalations,
            id=escalation,
            digest=hashlib.sha256(same.encode()).hexdigest(),
            ask=form.about,
            place=encode_place(form.where),
            member=form.by.id,
            name=form.by.name,
            text=form.text,
            state="open",
            created_at=self._session.now,
        )
