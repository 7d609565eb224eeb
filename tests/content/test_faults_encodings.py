"""Encodings that are read for sure, and others that are never taken for them."""

from pathlib import Path

import pytest

from tests.content.samples import entries_of, reading, refusal

JAPANESE = "質問,回答\n①参加費はいくらですか。,㈱より「三千円」です。\nﾒｰﾙは届きますか。,はい。\n"
ENGLISH = "question,answer\nWhat’s the “fee”?,It’s 3000 yen – for all.\n"
FRENCH = "question,answer\nOù est la salle ?,À l’étage près du café.\n"
GERMAN = "question,answer\nIst es für Anfänger geeignet?,Ja – auch für Schüler.\n"


def jis(text: str) -> bytes:
    """Return a text in the ISO-2022-JP of Windows, which Python doesn't write."""
    data = b""
    for char in text:
        if char.isascii():
            data += char.encode()
        elif "\uff61" <= char <= "\uff9f":
            data += b"\x1b(I" + bytes([char.encode("cp932")[0] & 0x7F]) + b"\x1b(B"
        else:
            lead, trail = char.encode("cp932")
            row = (lead - (0x70 if lead < 0xA0 else 0xB0)) * 2 - (trail < 0x9F)
            column = trail - (0x7E if trail >= 0x9F else 0x1F + (trail > 0x7F))
            data += b"\x1b$B" + bytes((row, column)) + b"\x1b(B"
    return data


@pytest.mark.fault(104)
@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (jis(JAPANESE), "ISO-2022-JP"),
        (JAPANESE.replace("①", "").replace("㈱", "").encode("iso2022_jp_ext"), "ISO-2022-JP"),
        (JAPANESE.replace("①", "").replace("㈱", "").encode("euc_jp"), "EUC-JP"),
        (JAPANESE.encode("cp932"), "CP932 (Shift_JIS)"),
        (JAPANESE.encode("utf-16-le"), "UTF-16-LE"),
        (JAPANESE.encode("utf-16-be"), "UTF-16-BE"),
        (JAPANESE.encode("utf-16"), "UTF-16-LE"),
        (JAPANESE.encode("utf-32"), "UTF-32-LE"),
    ],
)
def test_japanese_is_read_in_every_encoding_of_its_own(
    tmp_path: Path, data: bytes, encoding: str
) -> None:
    content = reading(tmp_path, data)
    first, second = entries_of(content)
    assert ("参加費はいくらですか。", "ﾒｰﾙは届きますか。") == (
        first.question.lstrip("①"),
        second.question,
    )
    assert first.answer.removeprefix("㈱") == "より「三千円」です。"
    assert [f"read as {encoding}."] == [str(note).partition(": ")[2] for note in content.notes]


@pytest.mark.fault(104)
def test_the_second_set_of_jis_is_read(tmp_path: Path) -> None:
    data = "question,answer\n丂と龔とは何ですか。,漢字です。\n".encode("iso2022_jp_1")
    assert b"\x1b$(D" in data
    assert ["丂と龔とは何ですか。"] == [e.question for e in entries_of(reading(tmp_path, data))]


@pytest.mark.fault(104)
@pytest.mark.parametrize(
    "text",
    [
        "question,answer\nX と Y は何,LLM の層です\n",
        "question,answer\nWi-Fi,使えます\n",
        "質問,回答\n開催日,四月一日\n",
        "質問,回答\nﾒｰﾙﾊﾄﾞｺﾆﾄﾄﾞｷﾏｽｶ,ｼﾞﾑｷｮｸﾃﾞｽ\n",
    ],
)
@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
def test_a_few_words_of_japanese_are_enough(tmp_path: Path, text: str, encoding: str) -> None:
    (found,) = entries_of(reading(tmp_path, text.encode(encoding)))
    assert text.split("\n")[1] == f"{found.question},{found.answer}"


@pytest.mark.fault(104)
@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        (ENGLISH, ("cp1252", "mac_roman")),
        (FRENCH, ("cp1252", "latin_1", "iso8859_15", "mac_roman", "cp850")),
        (GERMAN, ("cp1252", "mac_roman", "cp437")),
        ("question,answer\nГде зал?,На втором этаже.\n", ("cp1251", "koi8_r", "mac_cyrillic")),
        ("question,answer\n会场在哪里？,在二楼，请从正门进入。\n", ("gbk", "gb18030")),
        ("question,answer\n會場在哪裡？,在二樓，請從正門進入。\n", ("big5",)),
        ("question,answer\n회의장은 어디입니까?,이층입니다.\n", ("euc_kr", "johab")),
        ("question,answer\nห้องอยู่ที่ไหน,ชั้นสอง\n", ("tis_620",)),
    ],
)
def test_other_languages_are_never_read_as_japanese(
    tmp_path: Path, text: str, encodings: tuple[str, ...]
) -> None:
    for encoding in encodings:
        data = text.encode(encoding, errors="ignore")
        found = refusal(tmp_path, data)
        assert "is no text in UTF-8 or any other encoding tried. Save the file as UTF-8" in found
        assert found.startswith("faq.csv:2: byte 0x")


@pytest.mark.fault(104)
@pytest.mark.parametrize(
    "data",
    [
        b"question,answer\n\x1b$B$O$$\x1b(B,\x1b$B$\n",
        b"question,answer\nwhat,\x1b$B$O\x1b[31m\x1b(B\n",
        "question,answer\nﾅﾆ,ﾊｲﾊｲﾊｲ\n".encode("cp932"),
    ],
)
def test_what_is_cut_or_could_be_two_things_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "is no text in" in refusal(tmp_path, data)
