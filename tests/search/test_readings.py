"""Words of the FAQ are found where a query spells them otherwise but reads them alike."""

import pytest

from bot.domain.entry import Entry
from bot.domain.retrieval import Token
from bot.search.analysis import Analyzer
from bot.search.bm25 import Vocabulary
from bot.search.index import AnalysedEntries, Index
from bot.search.readings import READ, Readings, hiragana
from bot.search.synonyms import Table, Word, by_stretch, table

TERMS = (
    *("合成", "データ", "主語", "医師", "国家", "試験", "講演", "公園", "出版", "社", "可能", "性"),
    *("保管", "倉庫", "トークナイザー", "セッション", "規程", "軒", "貸与", "llm", "日曜", "街頭"),
    *("プリンター", "翻訳", "管理", "同士", "市内"),
)
NONE = table()


@pytest.fixture(scope="module")
def readings(analyzer: Analyzer) -> Readings:
    return Readings(TERMS, analyzer, {})


@pytest.fixture(scope="module")
def index() -> Index:
    """One entry with all the terms in their order, so that 可能 and 性 are neighbours."""
    vocabulary = Vocabulary()
    entry = Entry("a-1", "河原 大輔", "", "質問", "回答")
    return Index(AnalysedEntries.of(((entry, (TERMS, ())),), vocabulary), vocabulary)


@pytest.fixture
def read(analyzer: Analyzer, readings: Readings, index: Index) -> "Reader":
    return Reader(analyzer, readings, index)


class Reader:
    """Reads a question."""

    def __init__(self, analyzer: Analyzer, readings: Readings, index: Index) -> None:
        self._analyzer = analyzer
        self._readings = readings
        self._index = index

    def tokens(self, text: str, synonyms: Table = NONE) -> list[Token]:
        query, _ = self._analyzer.query(text)
        return list(self._readings.apply(query, self._index, synonyms).tokens)

    def known(self, text: str, synonyms: Table = NONE) -> list[str]:
        """Return the FAQ's words in it that aren't spelled as the FAQ does."""
        return [token.term for token in self.tokens(text, synonyms) if token.weight == READ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ごうせいデータ", ["合成"]),
        ("しゅごがない", ["主語"]),
        ("イシコッカシケン", ["医師", "国家", "試験"]),
        ("とーくないざー", ["トークナイザー"]),
        ("ぷりんた", ["プリンター"]),
        ("でーたの", ["データ"]),
        ("ごうせいでーたは", ["合成", "データ"]),
        ("かんりはいつ", ["管理"]),
        ("「かんり」の試験", ["管理"]),
        ("どうしたらいい", []),
        ("データは、しないの", []),
    ],
)
def test_kana_is_read(read: Reader, text: str, found: list[str]) -> None:
    assert found == read.known(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gousei no data wa", ["合成"]),
        ("Kokka shiken ha?", ["国家", "試験"]),
        ("kokka siken", ["国家", "試験"]),
        ("isikokkasiken", ["医師", "国家", "試験"]),
        ("LLM no shiken", ["試験"]),
        ("この shuppansha は", ["出版", "社"]),
        ("gōsei", ["合成"]),
        ("purinta no shiken", ["プリンター", "試験"]),
        ("gosei", ["合成"]),
        ("shiken no de-ta", ["試験", "データ"]),
        ("deeta no hokan", ["データ", "保管"]),
        ("dēta to Souko", ["データ", "倉庫"]),
        ("honyaku", ["翻訳"]),
        ("hon'yaku", ["翻訳"]),
        ("syuppansha no hon", ["出版", "社"]),
        ("kanosei", ["可能", "性"]),
    ],
)
def test_romaji_is_read(read: Reader, text: str, found: list[str]) -> None:
    assert found == [term for term in read.known(text) if term in TERMS]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("しゅごがない", "主語がない"),
        ("ごうせいでーた、つくれる？", "合成データ、つくれる?"),
        ("出販社はどこ", "出版社はどこ"),
        ("honyaku wa LLM de", "翻訳 は LLM で"),
        ("Kokka shiken no mondai", "国家 試験 の 問題"),
        ("街灯が切れた", "街灯が切れた"),  # a word, though the FAQ has only 街頭
        ("データの試験は", "データの試験は"),
        ("is the gousei used", "is the gousei used"),
    ],
)
def test_what_is_meant_is_written_as_the_faq_does(
    analyzer: Analyzer, readings: Readings, index: Index, text: str, written: str
) -> None:
    query, _ = analyzer.query(text)
    assert written == readings.written(readings.apply(query, index))


@pytest.mark.parametrize(
    "text",
    [
        "is the gousei used",
        "can you make a session",
        "human evaluation",
        "hello",
        "konnichiwa minasan",
    ],
)
def test_english_and_foreign_words_stay_as_they_are(
    analyzer: Analyzer, read: Reader, text: str
) -> None:
    query, _ = analyzer.query(text)
    assert list(query.tokens) == read.tokens(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("化膿性はありますか", ["可能"]),  # beside 性, as in the FAQ
        ("街灯が切れた", ["街頭"]),  # a kanji of its own
        ("出販社はどこ", ["出版"]),  # no word, a kanji of the same reading
        ("データの保菅", ["保管"]),
        ("トークナイザの仕様", ["トークナイザー"]),
        ("トークンナイザーの仕様", ["トークナイザー"]),
        ("トクーナイザーの仕様", ["トークナイザー"]),
    ],
)
def test_a_word_typed_or_converted_wrongly_is_read(
    read: Reader, text: str, found: list[str]
) -> None:
    assert found == read.known(text)


@pytest.mark.parametrize(
    "text",
    [
        "化膿した傷",  # nothing says that 可能 is meant
        "ミッションは",  # a word of its own, though one kana from セッション
        "相違点",  # 創意, 総意
        "対応は",  # two kana are too few for 貸与
        "何曜ですか",
        "本が生きていますか",  # きてい ends a verb, and isn't 規程
        "本のキャップ",  # のキ is no 軒
    ],
)
def test_what_only_happens_to_sound_alike_is_not_read(read: Reader, text: str) -> None:
    assert [] == read.known(text)


def test_the_rest_of_a_run_of_kanji_is_cut_anew(read: Reader) -> None:
    """Sudachi cuts 出販社 as 出 and 販社."""
    assert [("出版", "出販", READ), ("社", "社", 1.0)] == [
        (token.term, token.surface, token.weight) for token in read.tokens("出販社")
    ]


def test_a_word_with_synonyms_in_the_faq_is_not_misspelled(read: Reader) -> None:
    assert ["街頭"] == read.known("街灯")
    group = [Word(word, (word,)) for word in ("街灯", "照明")]
    assert [] == read.known("街灯", table(by_stretch([group])))


def test_a_reading_of_two_words_is_no_word(read: Reader) -> None:
    """コウエン is 講演 or 公園: the FAQ can't tell which is meant."""
    assert not {"講演", "公園"} & set(read.known("コウエンはどこ"))


def test_a_word_that_the_faq_knows_stays(analyzer: Analyzer, read: Reader) -> None:
    query, _ = analyzer.query("合成データの試験")
    assert list(query.tokens) == read.tokens("合成データの試験")


@pytest.mark.parametrize(
    ("text", "term", "written"),
    [
        ("その「ごうせい」です", "合成", "ごうせい"),
        ("kokka shiken", "国家", "kokka"),
        ("この出販社は", "出版", "出販"),
    ],
)
def test_what_was_written_is_what_is_shown(
    analyzer: Analyzer, read: Reader, text: str, term: str, written: str
) -> None:
    query, _ = analyzer.query(text)
    token = next(token for token in read.tokens(text) if token.term == term)
    assert (written, written) == (token.surface, query.text[token.start : token.end])


@pytest.mark.parametrize(
    ("romaji", "kana"),
    [
        ("konnichiwa", "こんにちわ"),
        ("shin'yō", "しんよう"),
        ("gakkou", "がっこう"),
        ("syuppan", "しゅっぱん"),
        ("gakuj", "がくっ"),
    ],
)
def test_romaji_of_any_kind_becomes_kana(romaji: str, kana: str) -> None:
    assert kana == hiragana(romaji)


def test_readings_are_remembered(analyzer: Analyzer) -> None:
    remembered: dict[str, str] = {}
    Readings(TERMS, analyzer, remembered)
    assert "ゴウセイ" == remembered["合成"]


def test_many_unknown_words_are_read_in_no_time(
    analyzer: Analyzer, readings: Readings, index: Index
) -> None:
    """Each was compared with each: a pasted Chinese text of 2,000 characters took 20 seconds."""
    query, _ = analyzer.query("".join(chr(0x4E00 + 7 * at) for at in range(2_000)))
    compared = 0

    class Counted(Index):
        def __contains__(self, term: object) -> bool:
            nonlocal compared
            compared += 1
            return super().__contains__(term)

    counted = Counted.__new__(Counted)
    counted.__dict__ = index.__dict__
    readings.apply(query, counted)
    assert compared <= 3 * len(query.tokens)
