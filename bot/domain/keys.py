"""What two spellings of the same thing share: of a question, of a person's name."""

import re
import unicodedata

_INSIGNIFICANT = re.compile(r"[\s?!.,。、]+")


def question_key(text: str) -> str:
    """Return what two wordings of the same question share.

    ``ＬＬＭ とは？`` and ``llmとは`` have the same key.
    """
    return _INSIGNIFICANT.sub("", unicodedata.normalize("NFKC", text).casefold())


def person_key(name: str) -> str:
    """Return what two spellings of a person's name share.

    ``河原 大輔`` and ``河原大輔先生`` have the same key.
    """
    return "".join(unicodedata.normalize("NFKC", name).split()).removesuffix("先生").casefold()
