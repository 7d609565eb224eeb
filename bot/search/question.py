"""Whether something overheard is a question: by its parts of speech, not by its topic."""

import re
from collections.abc import Sequence

from bot.search.tokenizer import Morpheme, Tokenizer

_SENTENCE = re.compile(r"[^。．！!？?\n]*[。．！!？?\n]*")
_ASKING = frozenset(("か", "かな", "かしら", "っけ", "かい", "かね"))
_INTERROGATIVE = frozenset(
    re.split(
        r"\s+",
        """何 どう どの どんな どれ どちら どっち 何れ 何故 なぜ 何時 いつ 何処 どこ 誰 だれ どなた
        幾ら いくら 幾つ いくつ 如何 いかが どうして どのくらい どれくらい""",
    )
)
_REQUEST = re.compile(
    r"(?:教え|おしえ|お教え|聞かせ|説明し|解説し)て?(?:て|で)?"
    r"(?:ください|下さい|くださ|ほしい|欲しい|もらえ|貰え|いただけ|頂け|くれ(?!て|た)|ちょうだい|$)"
    r"|(?:知り|聞き|伺い|お聞きし|お伺いし)たい|教えて$|ご教示|ご存[じ知]"
    r"|(?:tell|explain|show|teach)\s+(?:me|us)|please\s+(?:tell|explain)",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"^\W*(?:(?:hi|hello|hey|so|and|but|also|um|well)\W+)*"
    r"(?:what|why|how|when|where|who|which|whose|is|are|was|were|do|does|did|can|could|will|would"
    r"|should|has|have|any)\b",
    re.IGNORECASE,
)


def is_question(tokenizer: Tokenizer, text: str) -> bool:
    """Say whether the text asks something that anybody may answer.

    A sentence asks if it ends with a question mark or an asking particle (か, かな, っけ), ends
    openly after an interrogative (「理由は何」), or requests to be told (「教えてください」).

    Args:
        tokenizer: Sudachi.
        text: Normalised text.
    """
    return any(sentence_asks(tokenizer, found[0]) for found in _SENTENCE.finditer(text) if found[0])


def sentence_asks(tokenizer: Tokenizer, sentence: str) -> bool:
    """Say whether one sentence, with its closing mark, asks."""
    body = sentence.rstrip("。．！!？? 　\n」』)）…笑wｗ")
    if not body:
        return False
    mark = sentence[len(body) :]
    if "？" in mark or "?" in mark:
        return True
    if _REQUEST.search(body) or _ENGLISH.search(body):
        return True
    morphemes = [m for m in tokenizer.morphemes(body) if m.pos[0] not in ("空白", "補助記号")]
    return bool(morphemes) and (_ends_asking(morphemes) or _ends_openly(morphemes))


def _ends_asking(morphemes: Sequence[Morpheme]) -> bool:
    """The last words are か, かな, っけ …, maybe followed by ね, な or a name's さん."""
    last = morphemes[-1]
    if last.normal in ("ね", "な", "なあ") and len(morphemes) > 1:
        last = morphemes[-2]
    return last.pos[0] == "助詞" and (last.normal in _ASKING or last.surface in _ASKING)


def _ends_openly(morphemes: Sequence[Morpheme]) -> bool:
    """An interrogative that isn't indefinite (何か, いつも), and an end that tells nothing."""
    asks = False
    for at, morpheme in enumerate(morphemes):
        if morpheme.normal in _INTERROGATIVE or morpheme.surface in _INTERROGATIVE:
            after = morphemes[at + 1].surface if at + 1 < len(morphemes) else ""
            asks = asks or after not in ("か", "も", "でも", "とも", "や")
    last = morphemes[-1]
    return asks and (
        last.pos[0] in ("名詞", "代名詞", "副詞", "形状詞")
        or last.surface in ("の", "です", "でしょう", "だろう", "なの", "んだろう", "んでしょう")
    )
