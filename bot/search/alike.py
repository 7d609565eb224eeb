"""Which wordings ask the same: by their words, and by what they mean."""

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.domain.text import question_key
from bot.search.analysis import Analyzer

VERY_NEAR = 0.86
"""Cosine from which on two wordings mean the same: 締切 and 提出期限 of one thing, but not whether
there is a party and when it is (.83).
"""

Gather = Callable[[Sequence[str]], Sequence[Hashable]]
"""Labels wordings: those with the same label ask the same."""

_TELLING = ("代名詞", "連体詞", "副詞")


def by_tokens(analyzer: Analyzer) -> Gather:
    """Take wordings together that have the same content words, whatever is around them.

    Words that only point or ask count too: where and when something is published are two questions.
    """

    def label(wording: str) -> Hashable:
        query, morphemes = analyzer.query(wording)
        terms = {token.term for token in query.tokens}
        terms |= {each.normal for each in morphemes if each.pos[0] in _TELLING}
        return frozenset(terms) or question_key(wording)

    return lambda wordings: tuple(map(label, wordings))


def by_meaning(gather: Gather, encode: Callable[[str], NDArray[np.float32]]) -> Gather:
    """Take wordings together that another way of gathering does, or that mean nearly the same.

    Args:
        gather: That other way.
        encode: Returns a text's vector, of length 1.
    """

    def labels(wordings: Sequence[str]) -> Sequence[Hashable]:
        of: dict[Hashable, Hashable] = {}
        seen: list[tuple[NDArray[np.float32], Hashable]] = []
        found = gather(wordings)
        for wording, label in zip(wordings, found, strict=True):
            if label not in of:
                vector = encode(wording)
                near = ((float(vector @ other), known) for other, known in seen)
                cosine, known = max(near, key=lambda pair: pair[0], default=(0.0, label))
                of[label] = known if cosine >= VERY_NEAR else label
                seen.append((vector, of[label]))
        return tuple(of[label] for label in found)

    return labels
