"""What is shown to who reads the FAQ without asking."""

from bot.domain.entry import SHORT, Entry, examples


def entry(talk: str, question: str, *variants: str) -> Entry:
    return Entry(f"{talk}-{len(question)}", "川島 綾", talk, question, "はい。", variants)


LONG = "閉架書庫にある昭和初期の地方紙を、学外の研究者が複写して持ち帰ることはできるのでしょうか。"
LONGER = f"昨年から気になっています。{LONG}"


def test_an_example_is_a_short_question_of_each_of_two_talks() -> None:
    faq = [
        entry("a", "延長できますか。"),
        entry("a", LONG, "古い新聞"),
        entry("b", "何時までですか。"),
    ]
    assert ("延長できますか。", "何時までですか。") == examples(faq)


def test_where_a_talk_has_long_questions_only_a_short_wording_of_one_is_the_example() -> None:
    faq = [entry("a", LONG, "古い新聞を複写できますか。"), entry("b", "何時に閉まりますか。")]
    assert ("何時に閉まりますか。", "古い新聞を複写できますか。") == examples(faq)


def test_where_all_are_long_an_example_is_the_shortest_wording_whole() -> None:
    assert len(LONG) > SHORT
    assert (LONG,) == examples([entry("a", LONGER, LONG)])


def test_two_questions_of_the_only_talk_are_examples() -> None:
    faq = [entry("a", "延長できますか。"), entry("a", "何時に閉まりますか。"), entry("a", LONG)]
    assert ("延長できますか。", "何時に閉まりますか。") == examples(faq)
    assert () == examples([])
