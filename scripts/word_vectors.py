"""Reduce chiVe's word vectors to what search needs, a small file in the package.

Usage: python scripts/word_vectors.py JA_GINZA bot/search/word_vectors.npz

JA_GINZA is the folder ``ja_ginza-5.3.0`` within the wheel ja_ginza 5.3.0 (MIT License), unpacked.
It holds chiVe v1.1 mc90 (Works Applications and NINJAL, Apache License 2.0) pruned to 20,000
vectors: a rarer word has the vector of the most similar frequent one.

Kept are the content words of Sudachi's dictionary, without names of people and places, under the
normalized form that search compares; all vectors less their mean (it says only "is a Japanese
word"), in their 100 principal dimensions, at length 1, in steps of 1/127 of the largest component.
And how frequent a word is: its place among the 20,000, which are in the order of their frequency.
"""

import sys
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from sudachipy import Dictionary, SplitMode

from bot.search.analysis import Analyzer, ContentWords
from bot.search.word_vectors import RARE, number

DIMENSIONS = 100
NAMES = ("人名", "地名")
LONGEST = 20
"""Longer words are file names, e-mail addresses and the like."""


def main(source: Path, target: Path) -> None:
    """Read the vectors, reduce them, write the file."""
    vectors = np.load(source / "vocab" / "vectors").astype(np.float32)
    row_of: dict[int, int] = msgspec.msgpack.decode((source / "vocab" / "key2row").read_bytes())
    words = msgspec.json.decode((source / "vocab" / "strings.json").read_bytes(), type=list[str])
    keys = {word: key for word in words if (key := _spacy_hash(word)) in row_of}
    terms = dict(zip(keys, map(_term, keys), strict=True))
    frequent = set(
        islice(row_of, len(vectors))
    )  # whose vectors they are; the rest got theirs later
    rows: dict[str, int] = {}
    ranks: dict[str, int] = {}
    for word, term in terms.items():
        if term is not None:
            at = row_of[keys[word]]
            # The vector of the word spelled like the term, else of the first variant.
            if term not in rows or word == term:
                rows[term] = at
            if keys[word] in frequent:
                ranks[term] = min(at, ranks.get(term, at))
    numbers = np.array([number(term) for term in rows], np.uint64)
    order = np.argsort(numbers)
    used, row = np.unique(np.array(list(rows.values()))[order], return_inverse=True)
    rank = np.array([ranks.get(term, RARE) for term in rows], np.uint16)
    kept = _quantised(_reduced(vectors))[used]
    np.savez(
        target,
        numbers=numbers[order],
        rows=row.astype(np.uint16),
        ranks=rank[order],
        vectors=kept,
        lengths=np.linalg.norm(kept.astype(np.float32), axis=1),
    )
    print(f"{len(rows):,} words, {len(used):,} vectors, {target.stat().st_size / 1e6:.1f} MB")


_tokenize = Dictionary(dict="core").tokenizer(mode=SplitMode.A).tokenize


def _term(word: str) -> str | None:
    """Return the term that a word is compared by; None for what isn't one content word."""
    morphemes = list(_tokenize(Analyzer.normalise(word))) if len(word) <= LONGEST else []
    if len(morphemes) != 1 or morphemes[0].is_oov():
        return None
    pos = morphemes[0].part_of_speech()
    if pos[0] in ContentWords.dropped or pos[2] in NAMES:
        return None
    return str(morphemes[0].normalized_form().lower())


def _reduced(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    centred -= centred.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)  # ascending
    reduced = centred @ axes[:, ::-1][:, :DIMENSIONS]
    return np.asarray(reduced / np.linalg.norm(reduced, axis=1, keepdims=True))


def _quantised(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    steps = np.round(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127)
    return np.asarray(steps, np.int8)


def _spacy_hash(text: str) -> int:
    """Return the 64 bits by which spaCy knows a string: MurmurHash2 64A of its UTF-8, seed 1."""
    data, mask, factor = text.encode(), (1 << 64) - 1, 0xC6A4A7935BD1E995
    value = (1 ^ (len(data) * factor)) & mask
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        part = int.from_bytes(data[at : at + 8], "little") * factor & mask
        part = (part ^ (part >> 47)) * factor & mask
        value = (value ^ part) * factor & mask
    if whole < len(data):
        value = (value ^ int.from_bytes(data[whole:], "little")) * factor & mask
    value = (value ^ (value >> 47)) * factor & mask
    return value ^ (value >> 47)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
