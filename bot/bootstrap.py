"""The composition root: settings in, a desk out. The only place that knows every part."""

import os
import socket
from collections.abc import Mapping

from bot.desk.asking import Asking
from bot.desk.desk import Desk
from bot.desk.escalating import Escalating
from bot.desk.faq import Faq
from bot.desk.ids import Ids
from bot.desk.limiting import Limits
from bot.desk.memory import Memory
from bot.desk.posting import Posting
from bot.desk.pressing import Pressing
from bot.desk.senders import Senders
from bot.desk.service import Service
from bot.desk.settings import LimitSettings, RetentionSettings
from bot.desk.threads import Threads
from bot.desk.wording import Wording
from bot.desk.workers import Workers
from bot.domain.inbound import Place
from bot.settings import CoreSettings
from bot.store import Database
from bot.telemetry.health import Health
from bot.telemetry.metrics import Metrics
from bot.texts import Texts

IN_FLIGHT = 15.0
"""Seconds that a request to a platform may take."""


def build(
    faq: Faq,
    core: CoreSettings,
    *,
    retention: RetentionSettings | None = None,
    limits: LimitSettings | None = None,
    organisers: Mapping[str, str] | None = None,
    watched: Mapping[str, tuple[str, ...]] | None = None,
    in_flight: float = IN_FLIGHT,
) -> Desk:
    """Open the store and put the parts together.

    Args:
        faq: The search; ``bot.search.searcher.Searcher``.
        core: The settings without a section.
        retention: How long words are kept.
        limits: How much may be asked.
        organisers: The organisers' channel id, by platform.
        watched: The channel ids that are watched, by platform.
        in_flight: Seconds that a request to a platform may take; no send is repeated earlier.

    Returns:
        The desk. ``await desk.run(platforms)``, then ``desk.close()``.

    Raises:
        StoreError: The database can't be used.
    """
    database = Database.open(core.database_url)
    memory = Memory()
    database.transact(memory.load)
    ids, metrics, wording = Ids(), Metrics(), Wording(core.locale)
    health = Health(Texts(core.locale))
    owner = f"{socket.gethostname()}:{os.getpid()}:{ids()}"
    posting = Posting(ids)
    threads = Threads(database, faq, health)
    senders = Senders(
        owner=owner,
        threads=threads,
        posting=posting,
        wording=wording,
        metrics=metrics,
        in_flight=in_flight,
    )
    escalating = Escalating(
        wording=wording,
        posting=posting,
        ids=ids,
        organisers={
            platform: Place(platform, workspace="", channel=channel)
            for platform, channel in (organisers or {}).items()
        },
        serves=senders.serves,
    )
    asking = Asking(
        faq=faq,
        wording=wording,
        limits=Limits(limits or LimitSettings()),
        threads=threads,
        posting=posting,
        ids=ids,
        metrics=metrics,
    )
    service = Service(
        owner=owner,
        threads=threads,
        workers=Workers(
            owner=owner,
            threads=threads,
            asking=asking,
            pressing=Pressing(faq=faq, wording=wording, posting=posting, escalating=escalating),
            escalating=escalating,
            wording=wording,
            posting=posting,
        ),
        senders=senders,
        memory=memory,
        retention=retention or RetentionSettings(),
        metrics=metrics,
        health=health,
    )
    return Desk(
        faq=faq,
        wording=wording,
        threads=threads,
        posting=posting,
        service=service,
        memory=memory,
        metrics=metrics,
        health=health,
        watched=frozenset(
            f"{platform}:{channel}"
            for platform, channels in (watched or {}).items()
            for channel in channels
        ),
    )
