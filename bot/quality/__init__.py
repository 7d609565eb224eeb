"""How good the FAQ and the search in it are: accuracy on labelled queries, and the content gate."""

from bot.quality.accuracy import Accuracy, Judged, LabelledQuery, Verdict, judge, read, summarise
from bot.quality.gate import Finding, Problem, Search, check

__all__ = [
    "Accuracy",
    "Finding",
    "Judged",
    "LabelledQuery",
    "Problem",
    "Search",
    "Verdict",
    "check",
    "judge",
    "read",
    "summarise",
]
