"""The composition root: settings in, a desk out. The only place that knows every part."""

import os
import socket
from collections.abc import Callable, Mapping

from bot.desk.asking import Asking, Limits
from bot.desk.delivery import Senders, Workers
from bot.desk.desk import Desk
from bot.desk.digest import Digest
from bot.desk.drafting import Drafting
from bot.desk.learning import Learning
from bot.desk.offload import Offload, Sharing
from bot.desk.posting import new_id
from bot.desk.pressing import Pressing
from bot.desk.publishing import Publishing
from bot.desk.replying import Replying
from bot.desk.running import Pump, Service
from bot.domain.ask import Draft
from bot.domain.inbound import Place
from bot.domain.ports import Faq
from bot.settings import CoreSettings, LearningSettings, LimitSettings, RetentionSettings
from bot.store import INBOX, OUTBOX, Database
from bot.telemetry import Health
from bot.telemetry.metrics import Metrics
from bot.texts import Texts
from bot.wording import Wording

WORKERS = 8
SENDERS = 64
IN_FLIGHT = 15.0
"""Seconds that a request to a platform may take."""


def build(
    faq: Faq,
    core: CoreSettings,
    *,
    retention: RetentionSettings | None = None,
    limits: LimitSettings | None = None,
    organisers: Mapping[str, str | None] | None = None,
    watched: Mapping[str, tuple[str, ...]] | None = None,
    learning: LearningSettings | None = None,
    published: Callable[[], None] = lambda: None,
    in_files: Callable[[Draft], bool] = lambda _: False,
    in_flight: float = IN_FLIGHT,
) -> Desk:
    """Open the store and put the parts together.

    Args:
        faq: The search; ``bot.search.searcher.Searcher``.
        core: The settings without a section.
        retention: How long words are kept.
        limits: How much may be asked.
        organisers: The organisers' channel id, by platform; None where another one has it.
        watched: The channel ids that are watched, by platform.
        learning: Who may publish what lecturers answer in chat.
        published: Called, from any thread, when what is published may have changed.
        in_files: Says whether the FAQ's files hold a draft's entry or wording: they lead.
        in_flight: Seconds that a request to a platform may take; no send is repeated earlier.

    Returns:
        The desk. ``await desk.run(platforms)``, then ``desk.close()``.

    Raises:
        StoreError: The database can't be used.
    """
    learning = learning or LearningSettings()
    database = Database.open(core.database_url)
    metrics, health = Metrics(), Health(Texts(core.locale))
    metrics.entries.set_function(lambda: len(faq.entries))
    wording = Wording(core.locale)
    owner = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
    offload = Offload(database, health)
    places = {
        platform: Place(platform, workspace="", channel=channel)
        for platform, channel in (organisers or {}).items()
        if channel
    }
    questions = Learning(faq, wording, offload, places, lambda: senders.platforms)
    replying = Replying(faq, wording, offload, places, lambda: senders.platforms)
    publishing = Publishing(
        faq,
        wording,
        offload,
        questions,
        replying,
        Drafting(faq, wording, questions.words),
        learning,
        published,
        in_files,
    )
    senders = Senders(owner, offload, questions, wording, metrics, health, in_flight)
    outbox = Pump(
        "senders", offload, claim=senders.claim, work=senders.send, width=SENDERS, health=health
    )
    workers = Workers(
        offload,
        Asking(
            faq,
            wording,
            Limits(limits or LimitSettings()),
            offload,
            outbox,
            replying,
            metrics,
            watches=lambda place: desk.watches(place),
        ),
        Pressing(faq, wording, questions),
        questions,
        publishing,
        wording,
        outbox,
    )
    inbox = Pump(
        "workers",
        offload,
        claim=lambda tx, limit: tx.inbox.claim(owner, limit),
        work=workers.work,
        width=WORKERS,
        health=health,
    )
    desk = Desk(
        faq,
        wording,
        offload,
        senders,
        Service(
            owner,
            offload,
            inbox,
            outbox,
            metrics,
            health,
            looks={INBOX: lambda tx: tx.inbox.look(), OUTBOX: senders.look},
            changed=published,
        ),
        questions,
        replying,
        publishing,
        Digest(faq, wording, offload, learning, places, health),
        Sharing(owner, offload, alone=not database.is_shared),
        metrics,
        health,
        days=(retention or RetentionSettings()).days,
        watched=frozenset(
            f"{platform}:{channel}"
            for platform, channels in (watched or {}).items()
            for channel in channels
        ),
    )
    database.transact(desk.remember)
    return desk
