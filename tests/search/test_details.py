"""An entry that lacks the number, place or person asked for is no answer."""

import pytest

from bot.domain.entry import Entry
from bot.search.question import lacks_detail

CAT = Entry("a-0", "猫田 好", "", "猫の名前は？", "タマです。")
EXAM = Entry("a-1", "岡崎 直観", "", "医師国家試験で評価しますか。", "ベンチマークで測定します。")
PRICE = Entry("a-2", "岡崎 直観", "", "費用を知りたい。", "3 万円です。")
WHERE = Entry("a-3", "岡崎 直観", "", "申請の窓口はどこですか。", "総務課です。")


@pytest.mark.parametrize(
    ("question", "entry", "lacks"),
    [
        ("医師国家試験で何点取れましたか", EXAM, True),
        ("医師国家試験で評価しますか", EXAM, False),
        ("費用はいくらですか", PRICE, False),
        ("窓口はどこですか", WHERE, False),
        ("評価用の試験はどこで手に入りますか", EXAM, True),
        ("試験は誰が採点しますか", EXAM, True),
        ("どなたか試験について教えてください", EXAM, False),
        ("どこまで試験で測れますか", EXAM, False),
        ("試験の名前は何ですか", EXAM, True),
        ("どのモデルを試験しましたか", EXAM, True),
        ("モデルなどの試験はしますか", EXAM, False),
        ("試験はどのように行いますか", EXAM, False),
        ("試験は何ターンありますか", EXAM, True),
        ("試験はいつですか", EXAM, True),
        ("費用はどこで払いますか", WHERE, False),
        ("How many exams were used?", EXAM, True),
        ("誰でも試験を受けられますか", EXAM, False),
        ("試験は誰に聞けばよいですか", EXAM, True),
        ("申請は誰に聞けばよいですか", WHERE, False),
        ("どのモデルを使っても試験できますか", EXAM, False),
        ("何ゴミとして試験しますか", EXAM, False),
        ("モデルは何トークンで試験しましたか", EXAM, True),
        ("猫の名前を教えて", CAT, False),
        ("試験には何 GB 要りますか", EXAM, True),
        ("試験の結果を数字で知りたいです", EXAM, True),
        ("試験で使ったソフト名を教えてください", EXAM, True),
        ("おすすめの試験を教えてください", EXAM, True),
        ("試験の録画はありますか", EXAM, True),
        ("試験と面接は何が違うんですか", EXAM, True),
        ("試験と面接のどちらで評価しますか", EXAM, True),
        ("評価に一番いい試験は", EXAM, True),
        ("試験も面接も、どちらも評価に使いますか", EXAM, False),
        ("申請書をダウンロードできますか", WHERE, False),
        ("猫の大きさは？", CAT, True),
        ("大きさ制限のある猫の名前は？", CAT, False),
        ("猫は何度で寝ますか", CAT, True),
        ("何度も費用を払いますか", CAT, False),
        ("窓口の電話番号を教えてください", WHERE, True),
        ("窓口に電話してもいいですか", WHERE, False),
    ],
)
def test_a_detail_must_be_named(question: str, entry: Entry, lacks: bool) -> None:
    assert lacks is lacks_detail(question, entry)
