"""What to reply, given how sure search is: one pure function."""

from collections.abc import Sequence

from bot.domain.reply import Answer, Decline, Help, Reason, Reply, Silence, Suggestions
from bot.domain.retrieval import Hit, Ranking, Thresholds
from bot.search.question import Utterance

MAX_CANDIDATES = 3
CLOSE = 0.10
"""Two hits whose scores differ by less than this share are offered side by side."""

FAR = 0.5
"""A third candidate scores at least this share of the best hit."""


def decide(
    ranking: Ranking, thresholds: Thresholds, addressed: bool, utterance: Utterance
) -> Reply:
    """Decide what to reply.

    | | addressed | overheard |
    | --- | --- | --- |
    | nothing searchable | Help | Silence |
    | sure, and the next hit is not close | Answer | Answer if surer still |
    | half sure, or two hits are close | Suggestions | Silence |
    | else | Decline | Silence |

    A statement is never answered: what is near it is offered if the bot was addressed. Of what was
    overheard, only a question is answered.

    Args:
        ranking: What search found.
        thresholds: How sure the bot must be.
        addressed: The bot was spoken to; False where it read along.
        utterance: What kind of utterance the text is.
    """
    if not addressed:
        return _overheard(ranking, thresholds, utterance)
    if not ranking.query.tokens:
        return Help()
    sure = ranking.confidence >= thresholds.answer and utterance is not Utterance.STATEMENT
    if sure and not _close(ranking.hits):
        return Answer(ranking.hits[:1])
    if ranking.hits and ranking.confidence >= thresholds.suggest:
        return Suggestions(candidates(ranking.hits))
    return Decline()


def _overheard(ranking: Ranking, thresholds: Thresholds, utterance: Utterance) -> Answer | Silence:
    if utterance is not Utterance.QUESTION or not ranking.query.tokens:
        return Silence(Reason.NOT_A_QUESTION)
    if ranking.confidence < thresholds.overheard or _close(ranking.hits):
        return Silence(Reason.NOT_SURE)
    return Answer(ranking.hits[:1])


def candidates(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return two or three hits to choose from; a third only where it isn't far behind."""
    third = tuple(hit for hit in hits[2:MAX_CANDIDATES] if hit.score >= FAR * hits[0].score)
    return (*hits[:2], *third)


def _close(hits: Sequence[Hit]) -> bool:
    return len(hits) > 1 and hits[1].score > (1 - CLOSE) * hits[0].score
