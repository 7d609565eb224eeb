"""How sure it is that a hit answers the query, and what to reply: pure functions.

Sure is who leads, with the same constants for every FAQ. Explained for organisers in
docs/search.md, measured in docs/quality.md; what was tried beside, and why no FAQ is calibrated:
docs/decisions/0043-certainty.md to 0045-what-stands-out-is-offered.md, and what is asked of any
FAQ, 0048-what-is-asked-elsewhere.md.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, islice

from bot.domain.entry import Entry
from bot.domain.retrieval import (
    Answer,
    Decline,
    Help,
    Hit,
    Ranking,
    Reason,
    Reply,
    Silence,
    Suggestions,
    Thresholds,
    Topic,
)
from bot.search.question import Intent, Utterance, lacks_detail, lecturers
from bot.search.ranker import Candidate

MAX_CANDIDATES = 3
MAX_QUESTIONS = 3
"""So many questions in one message are answered together."""

MAX_OF_LECTURER = 24
"""So many buttons fit below one message on each platform, with one for none of them."""

_TELLING = frozenset((Utterance.REPORT, Utterance.CASE, Utterance.STATEMENT, Utterance.CHAT))
_MARKS = "。！!？? "
_REACTIONS = frozenset((Topic.WRONG, Topic.MORE, Topic.THANKS, Topic.NOTED))
"""What is said about the last answer, so never a question of its own."""
_WANT_MORE = frozenset((Topic.WRONG, Topic.ASK_LECTURER, Topic.MORE, Topic.LIST))
"""What is said to the bot below its answer, too: 「違うよ」, 「もう少し詳しく」."""

ASKED_WEIGHT = 0.25
"""What it says that the entry's whole question was asked, against a lead of 1."""

UNMET_WEIGHT = 0.17
"""What it says that the entry speaks of none of the query's nouns."""

ALL_UNMET = 0.5
"""No surer than this is what speaks of none: whether dogs may come isn't whether children may."""

STRONG = 0.95
"""From this score on a lead counts as a share of it: where much is alike, more has to differ."""

UNRELATED = 0.5
"""What an entry scores that is about something near; in place of the third where there is none."""

STANDS_OUT = 0.2
"""What the confidence counts beside the relevance where it is asked whether to offer candidates: a
short question is far from everything, and may be far nearer to one entry than to the others.
"""

TOLD = 0.3
"""By how much nearer the FAQ must be to what tells something and asks nothing: it may be a case of
what an entry is about, or no more than news.
"""

CLOSE = 0.13
"""Two hits whose scores differ by less than this share are offered side by side."""

ELSEWHERE_WEIGHT = 0.25
"""What it says that the like is asked elsewhere."""

_EVEN, _STEEPNESS = 0.153, 7.0
"""The sign at which a hit is as often right as wrong, and how fast that changes: fitted at once to
all FAQs that are tuned on, from 14 to 1,786 entries.
"""

OFF_TOPIC_WEIGHT = 0.5
"""What it takes from the relevance that the like is asked elsewhere, against a best cosine of 1."""

GUESSED, ELSEWHERE_GUESSED = 0.1, 0.37
"""Where meaning is left out: what the best cosine is taken for, beside half of the words' share,
and how near what is asked elsewhere is.
"""


def assess(
    candidates: Sequence[Candidate], entries: int, elsewhere: float = ELSEWHERE_GUESSED
) -> list[float]:
    """Return the confidence of each candidate, from 0 to 1.

    The lead counts over the third: the second may say the same (two lecturers, one question).

    Args:
        candidates: Best first.
        entries: Number of entries in the FAQ.
        elsewhere: The best cosine of any question that is asked elsewhere.
    """
    third = candidates[2].score if len(candidates) > 2 else UNRELATED if entries < 3 else 0.0
    against = ELSEWHERE_WEIGHT * elsewhere
    sure = (_confidence(each, each.score - third, against) for each in candidates)
    return list(accumulate(sure, min))  # never surer of a lower one


def _confidence(candidate: Candidate, lead: float, against: float) -> float:
    sign = lead * STRONG / max(candidate.score, STRONG) - against
    sign += ASKED_WEIGHT * candidate.asked - UNMET_WEIGHT * candidate.unmet
    confidence = 1 / (1 + math.exp(_STEEPNESS * (_EVEN - sign)))
    return min(confidence, ALL_UNMET) if candidate.unmet > 1 - 1e-9 else confidence


def relevance(
    candidates: Sequence[Candidate],
    nearest: float | None,
    elsewhere: float = ELSEWHERE_GUESSED,
) -> float:
    """Return how much the FAQ speaks of the query's matter at all, from about −.3 to 1.3.

    Args:
        candidates: Best first.
        nearest: The best cosine of any entry: what is about something else is far from all of them.
            None where meaning is left out.
        elsewhere: The best cosine of any question that is asked elsewhere.
    """
    words = candidates[0].words if candidates else 0.0
    near = GUESSED + words / 2 if nearest is None else nearest
    return near + words / 2 - OFF_TOPIC_WEIGHT * elsewhere


def thresholds(strictness: float) -> Thresholds:
    """Return how sure the bot must be.

    Args:
        strictness: From 0 (answers readily) to 1 (hardly ever).
    """
    return Thresholds(
        answer=0.4 + 0.6 * strictness,
        suggest=0.06 + 0.2 * strictness,
        overheard=0.4 + 0.5 * strictness,
    )


def is_near(ranking: Ranking, thresholds: Thresholds, more: float = 0.0) -> bool:
    """Whether the FAQ speaks of the query's matter: what was found is worth offering.

    Args:
        ranking: What search found.
        thresholds: How near it must be.
        more: How much nearer.
    """
    return ranking.relevance + STANDS_OUT * ranking.confidence >= thresholds.suggest + more


def decide(ranking: Ranking, thresholds: Thresholds, addressed: bool, intent: Intent) -> Reply:
    """Decide what to reply.

    | | addressed | overheard |
    | --- | --- | --- |
    | about an answer, or thanks | Help | Silence |
    | sure, and the next hit is not close | Answer | Answer if the FAQ clearly speaks of it |
    | said to the bot itself, nothing searchable, chat | Help | Silence |
    | half sure, or two hits are close | Suggestions | Silence |
    | else | Decline | Silence |

    What tells something is never answered at once: what is near is offered for a report of a
    problem or for a case, and for another statement what is nearer still. Neither is a question for
    a number, place or person answered that the entry doesn't name, nor one whose words are all
    common: meaning alone has found something for it. Of what was overheard, only a question to
    everybody is answered, no wish.

    Args:
        ranking: What search found.
        thresholds: How sure the bot must be.
        addressed: The bot was spoken to; False where it read along.
        intent: What is wanted by the text.
    """
    hits = ranking.hits
    if not addressed:
        return _overheard(ranking, thresholds, intent)
    if intent.topic in _REACTIONS:
        return Help(intent.topic)
    words = bool(ranking.query.tokens)
    sure = words and ranking.confidence >= thresholds.answer
    if sure and intent.utterance not in _TELLING and _answers(ranking, intent):
        return Answer(hits[:1])
    if intent.topic is not None:
        return Help(intent.topic, _quoting(ranking))
    if intent.utterance is Utterance.CHAT:
        return Help()
    more = TOLD if not sure and intent.utterance is Utterance.STATEMENT else 0.0
    if hits and is_near(ranking, thresholds, more):
        return Suggestions(hits[:MAX_CANDIDATES])
    return Decline() if words else Help()


def of_lecturer(text: str, by_lecturer: Mapping[str, Sequence[Entry]]) -> tuple[Hit, ...]:
    """Return a lecturer's entries where a text is that lecturer's name and nothing else.

    Args:
        text: What was said, normalised.
        by_lecturer: The FAQ, in order.
    """
    named = lecturers(text, by_lecturer)
    entries = (entry for each in by_lecturer if each in named for entry in by_lecturer[each])
    return tuple(Hit(entry, 0.0, 0.0) for entry in islice(entries, MAX_OF_LECTURER))


def _quoting(ranking: Ranking) -> tuple[Hit, ...]:
    """Return the first hits whose own questions hold what was said, such as 「一覧」, as it is."""
    said = ranking.query.text.strip(_MARKS)
    quoting = (hit for hit in ranking.hits if any(said in each for each in hit.entry.wordings))
    return tuple(islice(quoting, MAX_CANDIDATES))


def below(reply: Reply, ranking: Ranking, intent: Intent) -> Reply:
    """Keep silent below a reply of the bot's where nothing is asked without calling it.

    ありがとう wants no answer there, nor does what only tells something.

    Args:
        reply: What would be said to who calls the bot.
        ranking: What search found.
        intent: What is wanted by the text.
    """
    if isinstance(reply, Help):
        return reply if reply.topic in _WANT_MORE else Silence(Reason.NOT_A_QUESTION)
    why = _not_asked(ranking, intent)
    offers = isinstance(reply, Suggestions) and why is Reason.TOLD
    return Silence(why) if why and (offers or isinstance(reply, Decline)) else reply


def _not_asked(ranking: Ranking, intent: Intent) -> Reason | None:
    """Return why what was said to nobody or somebody else is no question for everybody."""
    theirs = intent.personal or intent.topic in _REACTIONS
    if theirs or not ranking.query.tokens:
        return Reason.NOT_A_QUESTION
    if intent.utterance is Utterance.QUESTION:
        return None
    told = intent.utterance in (Utterance.CASE, Utterance.STATEMENT)
    return Reason.TOLD if told else Reason.NOT_A_QUESTION


def _overheard(ranking: Ranking, thresholds: Thresholds, intent: Intent) -> Answer | Silence:
    if why := _not_asked(ranking, intent):
        return Silence(why)
    sure = ranking.confidence >= thresholds.answer
    if sure and ranking.relevance >= thresholds.overheard and _answers(ranking, intent):
        return Answer(ranking.hits[:1])
    return Silence(Reason.NOT_SURE)


def combine(replies: Iterable[Reply]) -> Answer | Suggestions | None:
    """Reply to several questions at once, if each has found an entry of its own.

    Args:
        replies: To each question alone; none is asked for behind the first that found nothing.
    """
    hits: list[Hit] = []
    sure = True
    for reply in replies:
        if not isinstance(reply, Answer | Suggestions):
            return None
        hits.append(reply.hits[0])
        sure = sure and isinstance(reply, Answer)
    if len({hit.entry.id for hit in hits}) < len(hits):
        return None
    return Answer(tuple(hits)) if sure else Suggestions(tuple(hits))


def _answers(ranking: Ranking, intent: Intent) -> bool:
    """The best hit stands alone, and names what is asked for."""
    text = ranking.query.text
    questions = "\n".join(text[start:end] for start, end in intent.questions)
    best = ranking.hits[0].entry
    if len({token.term for token in ranking.query.tokens}) == 1:  # names a matter, asks nothing
        return text.strip(_MARKS) in (wording.strip(_MARKS) for wording in best.wordings)
    return not _close(ranking.hits) and not lacks_detail(questions, best)


def _close(hits: Sequence[Hit]) -> bool:
    return len(hits) > 1 and hits[1].score > (1 - CLOSE) * hits[0].score
