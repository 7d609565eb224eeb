"""Meaning: the same text gives the same bits, and nothing is encoded twice."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot import search
from bot.domain.entry import Entry
from bot.domain.retrieval import Answer, Decline, Help, Silence, Suggestions, Via
from bot.search.meaning import Encoder, Meaning
from bot.search.searcher import Searcher
from tests.search.conftest import LISTS, SAFETY, SYNTHETIC

TEXTS = ("合成データは使っていますか", "Is synthetic data used?", "", "🍣" * 400)


class Counted:
    """The real encoder; keeps what it was given."""

    dimensions = Encoder.dimensions

    def __init__(self, encoder: Encoder, texts: list[str]) -> None:
        self.name = encoder.name
        self._encoder = encoder
        self._texts = texts

    def encode(self, text: str) -> np.ndarray:  # type: ignore[type-arg]
        self._texts.append(text)
        return self._encoder.encode(text)


class Counting(Meaning):
    """Counts what is encoded."""

    def __init__(self, folder: Path | None, encoder: Encoder) -> None:
        self.texts: list[str] = []
        super().__init__(folder, Counted(encoder, self.texts))  # type: ignore[arg-type]


def test_a_vector_has_length_1(encoder: Encoder) -> None:
    for text in TEXTS:
        vector = encoder.encode(text)
        assert (512,) == vector.shape
        assert pytest.approx(1, abs=1e-5) == float(vector @ vector)


def test_the_mapped_copy_gives_the_same_bits_as_the_package_itself(encoder: Encoder) -> None:
    plain = Encoder()
    for text in TEXTS:
        assert plain.encode(text).tobytes() == encoder.encode(text).tobytes()


def test_another_process_gives_the_same_bits(encoder_folder: Path, encoder: Encoder) -> None:
    code = (
        "import sys; from pathlib import Path; from bot.search.meaning import Encoder\n"
        f"print(Encoder(Path(sys.argv[1])).encode({TEXTS[0]!r}).tobytes().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, encoder_folder],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert encoder.encode(TEXTS[0]).tobytes().hex() == done.stdout.strip()


@pytest.mark.parametrize("damage", ["cut", "overwritten", "emptied", "foreign"])
def test_a_damaged_copy_is_made_anew(tmp_path: Path, encoder_folder: Path, damage: str) -> None:
    (whole,) = encoder_folder.glob("encoder-*.bin")
    copy = tmp_path / whole.name
    data = whole.read_bytes()
    copy.write_bytes(
        {
            "cut": data[: len(data) // 2],
            "overwritten": data[:200] + b"x" * 4_000 + data[4_200:],
            "emptied": b"",
            "foreign": b"PK\x03\x04 something else",
        }[damage]
    )
    assert (
        Encoder(tmp_path).encode("本").tobytes() == Encoder(encoder_folder).encode("本").tobytes()
    )
    assert len(data) == copy.stat().st_size


def test_a_copy_makes_nothing_that_is_no_part_of_the_encoder(
    tmp_path: Path, encoder_folder: Path
) -> None:
    """Who can write to the folder can't have a command run by it."""
    import pickle
    import zlib

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {tmp_path}/done",)

    objects = pickle.dumps(Evil(), 5)
    sizes = np.array([len(objects)], np.int64).tobytes()
    parts = ((1).to_bytes(8), zlib.crc32(sizes + objects).to_bytes(8), sizes, objects)
    (whole,) = encoder_folder.glob("encoder-*.bin")
    evil = tmp_path / whole.name
    evil.write_bytes(b"".join(part + b"\0" * (-len(part) % 64) for part in parts))
    Encoder(tmp_path)
    assert not (tmp_path / "done").exists()


def test_only_what_is_new_or_changed_is_encoded(encoder: Encoder) -> None:
    meaning = Counting(None, encoder)
    first = meaning.vectors((SYNTHETIC, SAFETY))
    assert (3, 512) == first.shape  # one of them has a variant
    meaning.texts.clear()

    changed = replace(SYNTHETIC, talk="別の講演")
    assert first.tobytes() == meaning.vectors((changed, SAFETY), most=0).tobytes()
    assert [] == meaning.texts

    reworded = replace(SYNTHETIC, answer="使っていません。")
    assert meaning.vectors((reworded, SAFETY), most=0) is None
    assert [] == meaning.texts
    assert first[0].tobytes() != meaning.vectors((reworded, SAFETY))[0].tobytes()
    assert 3 == len(meaning.texts)


def test_what_was_encoded_is_kept_for_the_next_process(tmp_path: Path, encoder: Encoder) -> None:
    meaning = Counting(tmp_path, encoder)
    first = meaning.vectors((SYNTHETIC, SAFETY))
    meaning.save()
    later = Counting(tmp_path, encoder)
    assert first.tobytes() == later.vectors((SYNTHETIC, SAFETY)).tobytes()
    assert [] == later.texts


def test_an_empty_faq_forgets_nothing_and_before_the_first_there_is_something_to_keep(
    tmp_path: Path, encoder: Encoder
) -> None:
    meaning = Counting(tmp_path, encoder)
    meaning.save()
    first = meaning.vectors((SYNTHETIC, SAFETY))
    meaning.texts.clear()
    assert (0, 512) == meaning.vectors(()).shape
    assert first.tobytes() == meaning.vectors((SYNTHETIC, SAFETY)).tobytes()
    assert [] == meaning.texts


@pytest.mark.parametrize("damage", [b"", b"xxxx", None])
def test_damaged_vectors_are_encoded_anew(
    tmp_path: Path, encoder: Encoder, damage: bytes | None
) -> None:
    meaning = Meaning(tmp_path, encoder)
    first = meaning.vectors((SYNTHETIC,))
    meaning.save()
    kept = tmp_path / "meaning.cache"
    kept.write_bytes(kept.read_bytes()[:-40] if damage is None else damage)
    assert first.tobytes() == Meaning(tmp_path, encoder).vectors((SYNTHETIC,)).tobytes()


def test_an_entry_that_shares_no_word_with_the_question_is_found(encoder: Encoder) -> None:
    lunch = Entry("c-1", "事務局", "当日", "昼食はどうすればよいですか。", "お弁当があります。")
    searcher = Searcher((SYNTHETIC, SAFETY, lunch), LISTS)
    asked = "お腹が空いたらどうしよう"
    assert () == searcher.search(asked).hits

    searcher.add(Meaning(encoder=encoder))

    assert searcher.by_meaning
    found = searcher.search(asked)
    assert lunch == found.hits[0].entry
    assert [Via.MEANING] == [match.via for match in found.hits[0].matches]


def test_a_changed_faq_is_searched_by_meaning_too(encoder: Encoder) -> None:
    searcher = Searcher((SYNTHETIC,), LISTS)
    searcher.add(Meaning(encoder=encoder))
    lunch = Entry("c-1", "事務局", "当日", "昼食はどうすればよいですか。", "お弁当があります。")

    searcher.replace((SYNTHETIC, SAFETY, lunch))

    assert searcher.by_meaning
    assert lunch == searcher.search("お腹が空いたらどうしよう").hits[0].entry


def test_a_preview_leaves_behind_nothing_and_forgets_nothing(encoder: Encoder) -> None:
    searcher = Searcher((SYNTHETIC, SAFETY), LISTS)
    meaning = Counting(None, encoder)
    searcher.add(meaning)
    reworded = replace(SYNTHETIC, answer="使っていません。")
    search = searcher.preview((reworded,))
    assert reworded == search("合成データ", 5).hits[0].entry
    meaning.texts.clear()

    assert meaning.vectors((SYNTHETIC, SAFETY), most=0) is not None
    assert meaning.vectors((reworded,), most=0) is None
    assert [] == meaning.texts


def test_many_new_entries_are_found_by_words_while_they_are_encoded(encoder: Encoder) -> None:
    searcher = Searcher((SYNTHETIC,), LISTS)
    meaning = Meaning(encoder=encoder)
    searcher.add(meaning)
    many = tuple(replace(SAFETY, id=f"s-{n}", question=f"安全性の評価{n}は？") for n in range(60))
    seen = []
    vectors = meaning.vectors

    def watched(*args: object) -> object:
        seen.append((searcher.by_meaning, len(searcher.search("合成データの評価").hits)))
        return vectors(*args)  # type: ignore[arg-type]

    meaning.vectors = watched  # type: ignore[assignment, method-assign]
    searcher.replace(many)

    assert [(True, 1), (False, 5)] == seen  # counted first, then encoded
    assert searcher.by_meaning


def test_a_question_of_common_words_alone_is_offered_what_means_the_same(encoder: Encoder) -> None:
    hours = Entry("hours", "案内係", "施設", "営業時間を教えてください。", "7時から23時までです。")
    pool = Entry("pool", "案内係", "プール", "水泳帽は必要ですか。", "必ずかぶってください。")
    searcher = Searcher((hours, pool), LISTS)
    assert searcher.reply("何時までやってますか")[0] == Help()

    searcher.add(Meaning(encoder=encoder))

    reply, ranking = searcher.reply("何時までやってますか")
    assert ranking.query.tokens == ()
    assert isinstance(reply, Suggestions)
    assert reply.hits[0].entry == hours
    for nothing in ("何してるの？", "どこですか", "あなたは誰？"):
        assert isinstance(searcher.reply(nothing)[0], Help)
    assert isinstance(searcher.reply("何時までやってますか", addressed=False)[0], Silence)


def test_a_question_that_is_asked_elsewhere_is_not_offered_what_is_merely_like_it(
    encoder: Encoder,
) -> None:
    rain = Entry("rain", "案内係", "練習", "雨の日の練習はありますか。", "あります。")
    shoes = Entry("shoes", "案内係", "用具", "靴は何がいいですか。", "運動靴です。")
    fee = Entry("fee", "案内係", "入会", "会費はいくらですか。", "月に千円です。")
    searcher, meaning = Searcher((rain, shoes, fee), LISTS), Meaning(encoder=encoder)
    searcher.add(meaning)

    assert Decline() == searcher.reply("梅雨明けはいつですか")[0]
    assert isinstance(searcher.reply("雨でも練習やりますか")[0], Answer)

    meaning.elsewhere = np.zeros_like(meaning.elsewhere)
    assert isinstance(searcher.reply("梅雨明けはいつですか")[0], Suggestions)


def test_the_list_of_what_is_asked_elsewhere_holds_each_question_once() -> None:
    path = Path(search.__file__).with_name("lists") / "elsewhere.txt"
    asked = [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert 200 == len(set(asked)) == len(asked)
