"""What to reply, given how sure search is: one pure function."""

from collections.abc import Sequence

from bot.domain.reply import Answer, Decline, Help, Reason, Reply, Silence, Suggestions
from bot.domain.retrieval import Hit, Ranking, Thresholds

MAX_CANDIDATES = 3
CLOSE = 0.10
"""Two hits whose scores differ by less than this share are offered side by side."""

FAR = 0.5
"""A third candidate scores at least this share of the best hit."""


def decide(ranking: Ranking, thresholds: Thresholds, addressed: bool, is_question: bool) -> Reply:
    """Decide what to reply.

    | | addressed | overheard |
    | --- | --- | --- |
    | nothing searchable | Help | Silence |
    | no question | as a question | Silence |
    | sure, and the next hit is not close | Answer | Answer if surer still |
    | half sure, or two hits are close | Suggestions | Silence |
    | else | Decline | Silence |

    Args:
        ranking: What search found.
        thresholds: How sure the bot must be.
        addressed: The bot was asked; False where it read along.
        is_question: What was overheard is a question.
    """
    if not addressed and not is_question:
        return Silence(Reason.NOT_A_QUESTION)
    if not ranking.query.tokens:
        return Help() if addressed else Silence(Reason.NOT_A_QUESTION)
    sure = ranking.confidence >= thresholds.answer and not _close(ranking.hits)
    if not addressed:
        sure = sure and ranking.confidence >= thresholds.overheard
        return Answer(ranking.hits[:1]) if sure else Silence(Reason.NOT_SURE)
    if sure:
        return Answer(ranking.hits[:1])
    if ranking.hits and ranking.confidence >= thresholds.suggest:
        return Suggestions(candidates(ranking.hits))
    return Decline()


def candidates(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return two or three hits to choose from; a third only where it isn't far behind."""
    third = tuple(hit for hit in hits[2:MAX_CANDIDATES] if hit.score >= FAR * hits[0].score)
    return (*hits[:2], *third)


def _close(hits: Sequence[Hit]) -> bool:
    return len(hits) > 1 and hits[1].score > (1 - CLOSE) * hits[0].score
