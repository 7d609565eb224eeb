"""Files in and out, and the data folder; all that others use of it is here."""

from bot.content.columns import NO_REMARKS, Headers, Remarks, fields, titled
from bot.content.copies import Copies
from bot.content.faq import (
    Rules,
    canonical,
    check,
    export,
    load,
    merge,
    plan_import,
    read_all,
    run_import,
    snapshot,
)
from bot.content.folder import Unfinished, not_read
from bot.content.formats import write_whole
from bot.content.gate import MOST_VALUES
from bot.content.matching import slug_of
from bot.content.plan import Change, Plan
from bot.content.problems import ContentError

__all__ = [
    "MOST_VALUES",
    "NO_REMARKS",
    "Change",
    "ContentError",
    "Copies",
    "Headers",
    "Plan",
    "Remarks",
    "Rules",
    "Unfinished",
    "canonical",
    "check",
    "export",
    "fields",
    "load",
    "merge",
    "not_read",
    "plan_import",
    "read_all",
    "run_import",
    "slug_of",
    "snapshot",
    "titled",
    "write_whole",
]
