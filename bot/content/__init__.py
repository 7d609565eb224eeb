"""Files in and out, and the data folder; all that others use of it is here."""

from bot.content.columns import NO_REMARKS, Headers, Remarks, titled
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
    text_of,
)
from bot.content.folder import Copies, Unfinished, is_content, not_read, write_whole
from bot.content.plan import Change, Plan, slug_of
from bot.content.problems import ContentError
from bot.content.rows import MOST_VALUES
from bot.content.stated import fields

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
    "is_content",
    "load",
    "merge",
    "not_read",
    "plan_import",
    "read_all",
    "run_import",
    "slug_of",
    "text_of",
    "titled",
    "write_whole",
]
