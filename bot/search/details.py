"""Details that a question asks for: a number, date, place, person, name, comparison or download.

An entry on the right topic that doesn't name it can be offered, but isn't the answer.
"""

import re

from bot.domain.entry import Entry

_UNITS = (
    "台|点|件|人|枚|年|割|名|回|本|冊|個|倍|時間|分|秒|歳|才|円|語|社|校|種類|文字|日|番目|対何"
    "|%|ヶ?月|か月|か所|箇所|トークン|パラメータ|ページ|ステップ|エポック|バイト|ビット|ターン"
    "|ショット|パーセント|ポイント|ドル|メートル|キロ|[KMGTP]?B(?![a-z])"
)
_NUMBER = re.compile(
    rf"(?:いくら|いくつ|幾[らつ]|何 ?(?:{_UNITS}))(?![かも])|(?:数字|数値)で"
    r"|\bhow (?:many|much|long|old|big)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"いつ(?![かも])|何時|何曜|\bwhen\b", re.IGNORECASE)
_TO_WHOM = "に(?:言|相談|連絡|聞|問い合わせ)"  # asks for an office rather than a name
_PLACE = re.compile(
    rf"(?:どこ|何処)(?!まで|[かも])|(?:誰|だれ|どなた){_TO_WHOM}|\bwhere\b", re.IGNORECASE
)
_PERSON = re.compile(rf"(?:誰|だれ|どなた)(?!で?[かも]|{_TO_WHOM})|\bwho\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?<!な)どの(?!よう|様|程度|くらい|ぐらい|ほど|辺|あたり|時点|方向|段階)[^ぁ-ん](?!.*[てで]も)"
    r"|どれ(?!くらい|ぐらい|ほど|でも|も|か)"
    r"|名(?:前|称)?(?:は(?:何|なん|[？?]|$)|を(?:教え|知り|聞))|\bwhich\b",
    re.IGNORECASE,
)
_COMPARISON = re.compile(
    r"(?:どちら|どっち)(?!も|でも|にも|かと)"
    r"|(?:何|なに|どこ|どう)が?違|違い(?:は|って)(?:何|なん|あ)|違いを?教"
    r"|(?:一番|いちばん|最も|最適|ベスト).{0,12}(?:は|を|な|の|って)|正解な"
    r"|\bdifference between\b|\bvs\b|\bbest\b",
    re.IGNORECASE,
)
_MATERIAL = re.compile(
    r"(?:お[すス]すめ|オススメ|お勧め)の|(?:URL|リンク|スライド|録画|ソースコード|配布資料)[はをがっ]"
    r"|ダウンロード",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_ADDRESS = re.compile(
    r"https?://|窓口|[課係室階署]|センター|役所|役場|住所|所在地|電話|ホームページ|サイト"
)
_NAMED_BY = (
    (_NUMBER, _DIGIT),
    (_DATE, _DIGIT),
    (_PLACE, _ADDRESS),
    (_PERSON, None),
    (_NAME, None),
    (_COMPARISON, None),
    (_MATERIAL, _ADDRESS),
)


def lacks_detail(question: str, entry: Entry) -> bool:
    """Say whether a question asks for a detail that an entry doesn't name.

    A number or date is named by any digit, a place or download by whatever one goes to; and each
    detail is, if the entry's own question asks for it.

    Args:
        question: What was asked, without greeting and background.
        entry: The entry that would answer.
    """
    wordings = "\n".join(entry.wordings)
    return any(
        asks.search(question)
        and not asks.search(wordings)
        and not (named_by and named_by.search(entry.answer))
        for asks, named_by in _NAMED_BY
    )
