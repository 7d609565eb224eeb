"""What is said in chat: members' cards and organisers', in words from ``{ja,en}.toml``."""

from bot.wording.members import CANDIDATE_LIMIT, Wording
from bot.wording.organisers import (
    ANSWER,
    ENTRY,
    JOINTS,
    LECTURER,
    LINE,
    LINKS,
    MORE,
    TALK,
    Organising,
    named,
)

__all__ = [
    "ANSWER",
    "CANDIDATE_LIMIT",
    "ENTRY",
    "JOINTS",
    "LECTURER",
    "LINE",
    "LINKS",
    "MORE",
    "TALK",
    "Organising",
    "Wording",
    "named",
]
