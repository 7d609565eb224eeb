"""What somebody wants by a text, told by its form."""

import time

import pytest

from bot.domain.retrieval import Topic
from bot.search.analysis import Analyzer
from bot.search.question import Intent, Utterance, lecturers, understand


def intent(analyzer: Analyzer, text: str) -> Intent:
    query, morphemes = analyzer.query(text)
    return understand(query.text, morphemes)


@pytest.mark.parametrize(
    "text",
    [
        "合成データは使っていますか",
        "合成データ使ってる？",
        "理由は何でしょう",
        "使い方を教えてください",
        "心を持つのか気になっています",
        "顔文字の扱いが知りたいです",
        "合成データ使ってますか 🙏 よろしくお願いします",
        "評価って何を足すんでしたっけ",
        "合成データは使えるだろうか",
        "どれを使おうかな",
        "Do you use synthetic data",
        "please tell me about tokenizers",
    ],
)
def test_a_question_is_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.QUESTION is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "合成データ 使用状況",
        "エッジ AI の今後の研究",
        "カバーできない部分",
        "合成データについて",
        "データの作り方",
        "学習を途中で止めたモデル",
        "synthetic data usage",
    ],
)
def test_keywords_are_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.KEYWORDS is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "合成データを作りました",
        "ハイパーパラメータを一晩探して全滅",
        "何かのグラフを直しておきました。",
        "I merged the evaluation script",
        "合成データを試したいです",
        "ぜひ新しいモデルを使ってください",
        "詳しくは README をご覧ください",
        "合成データを使おうかと思っています",
    ],
)
def test_a_statement_is_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.STATEMENT is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "論文を読みたいのですが",
        "評価を試したいんやけど。",
        "データの形式がよく分かりません",
        "どれを使えばいいのか分からない。",
        "評価の尺度がよく分からなくて",
        "スライドが欲しいんだけど",
        "配布資料があればください。",
    ],
)
def test_a_wish_is_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.WISH is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "鍵をなくしました",
        "財布を落とした",
        "画面が割れた",
        "ログを消しちゃった",
        "画面が固まって動かない",
        "期限が切れていると言われました",
        "申込書を送ってください",
        "書類を出すように言われました",
        "I can't open the slides",
    ],
)
def test_a_report_of_a_problem_is_told_from_other_statements(analyzer: Analyzer, text: str) -> None:
    assert Utterance.REPORT is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "部屋が真っ暗になりました",
        "腕に赤い点が出てきた",
        "借りた鍵を持ったままでした",
        "来月から海外に住む予定です",
        "部屋を人に貸そうと思っています",
    ],
)
def test_a_case_is_told_from_other_statements(analyzer: Analyzer, text: str) -> None:
    assert Utterance.CASE is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "カリキュラム学習、響きがいいよね",
        "外は寒いですね",
        "来週の本番、緊張する",
        "昨日の懇親会が楽しかったです",
        "聞いているうちに楽しくなった",
        "発表が怖くなりました",
        "資料は机に置いておきますね",
        "うちの会社でも合成データを作ってみようかな",
    ],
)
def test_chat_is_told_from_other_statements(analyzer: Analyzer, text: str) -> None:
    assert Utterance.CHAT is intent(analyzer, text).utterance


def test_what_is_taken_for_so_is_no_chat(analyzer: Analyzer) -> None:
    assert Utterance.STATEMENT is intent(analyzer, "帰りのバスもあるんだよね").utterance


@pytest.mark.parametrize("text", ["鍵が見つからないよ", "画面が動かないね", "鍵をなくしたさ"])
def test_a_problem_is_no_chat_however_it_is_told(analyzer: Analyzer, text: str) -> None:
    assert Utterance.CHAT is not intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text", ["宿題を期日までに出したい", "鍵を貸してほしいです", "教室の鍵がほしい"]
)
def test_a_bare_wish_is_a_wish(analyzer: Analyzer, text: str) -> None:
    assert Utterance.WISH is intent(analyzer, text).utterance


@pytest.mark.parametrize(
    "text",
    [
        "ポスター 印刷 埋め込み",
        "鍵を最初に作った人物は",
        "鍵は何という",
        "鍵はどこにある",
        "ファイルでまとめて登録する方法",
    ],
)
def test_what_is_left_open_tells_nothing(analyzer: Analyzer, text: str) -> None:
    assert Utterance.KEYWORDS is intent(analyzer, text).utterance


TOPICS = {
    Topic.WRONG: [
        "違うよ",
        "そうじゃないです",
        "聞きたいのはそれじゃない",
        "That's not what I asked.",
    ],
    Topic.ASK_LECTURER: ["講師に聞きたいです", "先生に直接質問できますか", "Can I ask a human?"],
    Topic.MORE: [
        "もう少し詳しく",
        "詳細を教えてください",
        "他には？",
        "どういう意味ですか",
        "tell me more",
    ],
    Topic.LIST: [
        "一覧",
        "質問の一覧を見せて",
        "どんな質問ができますか",
        "講師は誰",
        "登壇者を教えてください",
        "どんな講演がありますか？",
        "Who are the lecturers?",
        "list",
    ],
    Topic.ASKING: [
        "使い方",
        "使い方を教えてください",
        "何ができるの",
        "/faq help",
        "What can you do?",
    ],
    Topic.THANKS: [
        "ありがとうございます！助かりました🙏",
        "さすがです",
        "よくわかりました",
        "Thanks a lot!",
        "山田先生ありがとうございます",
        "先日はどうもありがとうございました！",
        "講師の皆さんに感謝します",
    ],
    Topic.GREETING: [
        "こんにちは",
        "お疲れさまです。",
        "テスト",
        "あなたは誰？",
        "お前はAIか",
        "Good morning",
    ],
    Topic.NOTED: [
        "了解です",
        "どういたしまして",
        "おやすみなさい",
        "なるほど〜",
        "了解です、調べます",
        "ｗｗｗ",
        "OK, got it",
    ],
}


@pytest.mark.parametrize(
    ("topic", "text"), [(topic, text) for topic, texts in TOPICS.items() for text in texts]
)
def test_what_is_said_to_the_bot_itself_is_told(
    analyzer: Analyzer, topic: Topic, text: str
) -> None:
    assert topic is intent(analyzer, text).topic


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        (Topic.ASKING, "こんにちは。使い方を教えてください"),
        (Topic.MORE, "ありがとうございます。もう少し詳しくお願いします"),
        (Topic.THANKS, "了解です、ありがとうございました"),
    ],
)
def test_of_several_things_said_to_the_bot_the_one_that_wants_most_counts(
    analyzer: Analyzer, topic: Topic, text: str
) -> None:
    assert topic is intent(analyzer, text).topic


@pytest.mark.parametrize(
    "text",
    [
        "トークナイザの使い方を教えて",
        "図書の一覧はありますか",
        "合成データについてもっと詳しく教えて",
        "この講演の講師は誰を想定していますか",
        "ありがとう。評価の尺度は何ですか",
        "二つのモデルは何が違うの",
        "モデルは何ができますか",
        "thanks to which data does it work",
        "",
        "？！",
    ],
)
def test_a_question_with_such_words_in_it_is_one_to_the_faq(analyzer: Analyzer, text: str) -> None:
    assert intent(analyzer, text).topic is None


@pytest.mark.parametrize("text", ["なの" * 50, "違うですの" * 20, "その" * 49 + "あ", "a " * 49])
def test_what_repeats_itself_takes_no_longer(analyzer: Analyzer, text: str) -> None:
    """Forms repeat parts, so a careless one would try every way to cut the text up."""
    began = time.process_time()
    intent(analyzer, text)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("河原先生", {"河原 大輔"}),
        ("河原大輔", {"河原 大輔"}),
        ("河原 大輔先生の回答", {"河原 大輔"}),
        ("河原", {"河原 大輔"}),
        ("河原先生への質問を見せてください", {"河原 大輔"}),
        ("大輔先生", {"河原 大輔"}),
        ("山田先生", {"山田 花子", "山田太郎"}),
        ("山田太郎", {"山田太郎"}),
        ("Prof. Smith", {"Anna Smith"}),
        ("Anna Smith's answers", {"Anna Smith"}),
        ("大輔", set()),
        ("先生", set()),
        ("原先生", set()),
        ("河原先生は本を使いますか", set()),
        ("", set()),
    ],
)
def test_a_lecturer_is_known_by_name_alone(text: str, named: set[str]) -> None:
    assert named == lecturers(text, ["河原 大輔", "山田 花子", "山田太郎", "Anna Smith"])


@pytest.mark.fault(108)
@pytest.mark.parametrize("text", ["大塚先生", "大塚一郎", "大塚 一郎先生の回答"])
def test_a_lecturer_is_called_by_whichever_form_of_a_kanji(text: str) -> None:
    known = ["大塚 一郎", "大\ufa10 一郎", "大塚\U000e0100 一郎", "大津 一郎"]
    assert frozenset(known[:3]) == lecturers(text, known)


@pytest.mark.parametrize(
    "text",
    [
        "皆さん、ログはどこですか",
        "お疲れさまです、ログはどこですか",
        "すみません、あの、ログはどこですか",
    ],
)
def test_a_question_begins_behind_the_greeting(analyzer: Analyzer, text: str) -> None:
    found = intent(analyzer, text)
    assert ["ログはどこですか"] == [text[start:end] for start, end in found.questions]
    assert not found.personal


def test_the_sentences_that_ask_are_told_from_greeting_and_background(analyzer: Analyzer) -> None:
    text = "こんにちは。昨日の講演を聞きました。合成データは使っていますか。よろしくお願いします。"
    found = [text[start:end] for start, end in intent(analyzer, text).questions]
    assert ["合成データは使っていますか。"] == found


@pytest.mark.parametrize(
    "text",
    [
        "二つ聞きたいです。",
        "質問が2点あります。",
        "お聞きしてもよろしいでしょうか?",
        "いくつか教えてください。",
    ],
)
def test_what_says_that_questions_follow_is_none_of_them(analyzer: Analyzer, text: str) -> None:
    text += "ログはどこですか。締切を教えてください。"
    found = [text[start:end] for start, end in intent(analyzer, text).questions]
    assert ["ログはどこですか。", "締切を教えてください。"] == found


@pytest.mark.parametrize("text", ["締切について聞きたいです。", "二つ聞きたいです。"])
def test_where_nothing_follows_it_asks_itself(analyzer: Analyzer, text: str) -> None:
    assert len(intent(analyzer, text).questions) == 1


def test_a_comma_behind_the_particle_that_asks_ends_a_sentence(analyzer: Analyzer) -> None:
    text = "合成データは使っていますか、前は使わないと言っていましたが"
    found = [text[start:end] for start, end in intent(analyzer, text).questions]
    assert ["合成データは使っていますか"] == found


@pytest.mark.parametrize(
    "text",
    [
        "佐藤さん、ログはどこ？",
        "@佐藤 ログはどこ？",
        "原先生、いつですか",
        "お疲れさまです。佐藤さん、ログはどこ？",
        "ログはどこですか？ > 佐藤さん",
        "ログはどこですか＞＞原先生\nよろしくお願いします",
        "懇親会に行く人いますか？",
        "ログを見たことある方いらっしゃいますか",
    ],
)
def test_a_question_to_somebody_is_personal(analyzer: Analyzer, text: str) -> None:
    assert intent(analyzer, text).personal


@pytest.mark.parametrize(
    "text",
    [
        "ログはどこですか",
        "先生はどう思いますか",
        "研究者のみなさん、ログは？",
        "@here ログは？",
        "ログを見る方法はありますか",
    ],
)
def test_a_question_to_everybody_is_not_personal(analyzer: Analyzer, text: str) -> None:
    assert not intent(analyzer, text).personal
