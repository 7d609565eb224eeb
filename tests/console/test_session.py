"""Whole sessions with the real line editor, typed through a pipe."""

import asyncio
import io
import sqlite3
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from adapters.common.text import columns
from adapters.console.app import serve
from adapters.console.outbound import Terminal
from bot.bootstrap import build
from bot.desk.desk import Desk
from bot.domain.card import Quote
from bot.domain.retrieval import Answer, Ranking, Reply
from bot.settings import CoreSettings, LimitSettings
from tests.fakes.faq import CURRICULUM, FAQ, HALLUCINATION, SYNTHETIC
from tests.fakes.platform import MemoryPlatform
from tests.fakes.search import PairSearch

CTRL_C, CTRL_D = "\x03", "\x04"
ASKED = "合成データは使っていますか"
HALF_SURE = "評価について"


class TwoAnswers(PairSearch):
    """Answers everything with the two best entries at once."""

    def reply(self, text: str, addressed: bool, *, below: bool = False) -> tuple[Reply, Ranking]:
        _, ranking = super().reply(text, addressed, below=below)
        return Answer(ranking.hits[:2]), ranking


class Session:
    """One terminal in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faq = PairSearch(FAQ)
        self.width = 80
        self.limits = LimitSettings()
        self.organisers: dict[str, str] = {}

    def desk(self) -> Desk:
        return build(
            self.faq,
            CoreSettings(database_url=f"sqlite:///{self.folder / 'faqbot.db'}"),
            limits=self.limits,
            organisers=self.organisers,
        )

    async def types(self, *lines: str) -> str:
        """Type lines, each with its end; return all that was drawn."""
        desk = self.desk()
        screen = io.StringIO()
        with (
            create_pipe_input() as typed,
            create_app_session(input=typed, output=DummyOutput()),
        ):
            typed.send_text(
                "".join(one if one.endswith((CTRL_C, CTRL_D)) else f"{one}\r" for one in lines)
            )
            terminal = Terminal(Console(file=screen, width=self.width))
            await serve(desk, self.folder / "var" / "history", terminal)
        desk.close()
        return screen.getvalue()

    def stored(self, query: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.folder / "faqbot.db")
        rows = connection.execute(query).fetchall()
        connection.close()
        return rows


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


async def test_a_person_asks_rates_lists_and_leaves(session: Session) -> None:
    shown = await session.types(ASKED, "+", "/help", "/list", "円周率とは", "!", "", CTRL_D)

    assert "山田 花子 先生「コーパスの作り方」" in shown
    assert "*品質* の <確認> には @everyone も" in shown
    assert "評価をありがとうございます。" in shown
    assert "FAQ に見つかりませんでした。" in shown
    assert "質問を保存しました。" in shown
    assert "ハルシネーションはどのように評価しますか。" in shown
    history = (session.folder / "var" / "history").read_text(encoding="utf-8")
    assert ASKED in history


@pytest.mark.fault(116)
async def test_commands_keys_and_slips_are_neither_searched_nor_recorded(
    session: Session,
) -> None:
    shown = await session.types(
        "＋", "７", "！", CTRL_C, "／ｌｉｓｔ", "９９", "／ｌｓ", "ヘルプ", "？", "help",
        ASKED, "＋", "－", "１＋", "ｅｘｉｔ",
    )  # fmt: skip

    assert [(ASKED,)] == session.stored("SELECT text FROM asks")
    assert [("wrong",)] == session.stored("SELECT value FROM ratings")
    assert "「＋」で選べるものは、いまありません。" in shown
    assert "「９９」は、いまは選べません。選べるのは [1–4] です。" in shown
    assert "「／ｌｓ」というコマンドはありません。" in shown
    assert "「１＋」は、いまは選べません。" in shown
    assert 3 == shown.count("質問を文章のまま入力すると")


async def test_the_numbers_of_the_list_open_entries_until_a_question_is_asked(
    session: Session,
) -> None:
    shown = await session.types("/list", "３", "1", "+", HALF_SURE, "4", "/quit")

    assert " 3. " not in shown  # one digit needs no room for two
    assert "3. ハルシネーションはどのように評価しますか。" in shown
    assert "事実と照らし合わせて評価します。" in shown
    assert "有望であり、検証を続けています。" in shown
    assert "「+」は、いまは選べません。選べるのは [1–4] です。" in shown
    assert "「4」は、いまは選べません。選べるのは [1–2] [0] です。" in shown
    assert [(HALF_SURE,)] == session.stored("SELECT text FROM asks")


async def test_an_entry_that_is_gone_since_the_list_was_drawn_is_said_to_be(
    session: Session,
) -> None:
    class Shrinking(PairSearch):
        def entry(self, entry_id: str) -> None:
            return None

    session.faq = Shrinking(FAQ)

    assert "この回答は FAQ から削除されました。" in await session.types("/list", "1", "/quit")


async def test_another_candidate_can_be_chosen_below_an_answer(session: Session) -> None:
    shown = await session.types(HALF_SURE, "1", "2", "2", "/quit")

    assert HALLUCINATION.answer in shown
    assert "目的に合わせて選びます。" in shown
    assert "この回答は、すでに表示しています。" in shown


async def test_a_vote_given_twice_is_said_to_be_known(session: Session) -> None:
    shown = await session.types(ASKED, "+", "＋", "/quit")

    assert 1 == shown.count("評価をありがとうございます。")
    assert "この評価は、すでに受け付けています。" in shown


async def test_the_lecturer_can_be_asked_after_an_answer(session: Session) -> None:
    """The help says so; the card has no such button."""
    shown = await session.types(ASKED, "!", "", "/quit")

    assert "質問を保存しました。" in shown
    assert [(ASKED, True)] == [
        (text, bool(ask)) for text, ask in session.stored("SELECT text, ask FROM escalations")
    ]


@pytest.mark.parametrize("leaving", [CTRL_C, "\x15"], ids=["Ctrl-C", "an empty line"])
async def test_the_form_says_how_to_cancel_and_does(session: Session, leaving: str) -> None:
    session.width = 120
    shown = await session.types("円周率とは", "!", leaving, "/quit")

    assert "Ctrl-C を押すか、空にして Enter を押すと、送らずに戻ります。" in shown
    assert "質問は送っていません。" in shown
    assert [] == session.stored("SELECT * FROM escalations")


async def test_what_was_refused_is_not_put_into_the_form(session: Session) -> None:
    session.limits = LimitSettings(member=1)
    await session.types(ASKED, "円周率とは", "!", "円周率とは何ですか", "/quit")

    assert [("円周率とは何ですか", "")] == session.stored("SELECT text, ask FROM escalations")


async def test_two_answers_of_one_card_are_rated_apart(session: Session) -> None:
    session.faq = TwoAnswers((CURRICULUM, SYNTHETIC, HALLUCINATION))
    shown = await session.types("学習データは使っていますか", "1-", "2+", "2+", "/quit")

    assert "─ 1 ─" in shown
    assert "─ 2 ─" in shown
    assert "[1+] [2+] 役に立った  [1-] [2-] 違う" in shown
    assert "この評価は、すでに受け付けています。" in shown
    votes = session.stored("SELECT position, value FROM ratings ORDER BY position")
    assert [(0, "wrong"), (1, "useful")] == votes


async def test_a_vote_without_a_number_counts_for_every_answer_of_the_card(
    session: Session,
) -> None:
    session.faq = TwoAnswers((CURRICULUM, SYNTHETIC))
    shown = await session.types("学習データは使っていますか", "+", "/quit")

    assert 1 == shown.count("評価をありがとうございます。")
    votes = session.stored("SELECT entry, value FROM ratings ORDER BY entry")
    assert [(CURRICULUM.id, "useful"), (SYNTHETIC.id, "useful")] == votes


async def test_every_question_beyond_the_limit_is_told_so(session: Session) -> None:
    session.limits = LimitSettings(member=1)
    shown = await session.types(ASKED, ASKED, ASKED, ASKED, "/quit")

    assert 1 == shown.count("一致した言葉")
    assert 3 == shown.count("短い時間にたくさんの質問をいただいています。")


async def test_ctrl_c_clears_a_half_typed_line_and_leaves_an_empty_one(session: Session) -> None:
    shown = await session.types("書きかけ" + CTRL_C, ASKED, CTRL_C)

    assert "もう一度 Ctrl-C を押すと終了します。" in shown
    assert [(ASKED,)] == session.stored("SELECT text FROM asks")


async def test_a_question_for_a_channel_that_is_not_served_arrives_once_it_is(
    session: Session,
) -> None:
    session.organisers = {"slack": "C0123"}
    session.width = 200
    shown = await session.types("円周率とは", "!", "", ASKED, "/quit")

    assert "質問を運営に送りました。" not in shown
    assert "質問を保存しました。運営に届き次第お知らせします。" in "".join(shown.split("\n"))
    assert "一致した言葉" in shown  # nobody waits for what can't be sent here
    slack = MemoryPlatform("slack")
    desk = session.desk()
    service = asyncio.create_task(desk.run({"slack": slack}))
    while await desk.waiting("slack"):  # noqa: ASYNC110  # nothing rings when both are empty
        await asyncio.sleep(0.01)
    service.cancel()
    await asyncio.wait([service])
    desk.close()
    ((place, quoted),) = ((each.place.channel, each.card.parts[1]) for each in slack.posted)
    assert ("C0123", Quote("円周率とは")) == (place, quoted)


async def test_what_is_typed_is_kept_under_a_platform_of_its_own(session: Session) -> None:
    await session.types(ASKED, "/quit")

    ((place,),) = session.stored("SELECT place FROM asks")
    assert '"platform":"console"' in str(place)


@pytest.mark.parametrize(("width", "widest"), [(40, 40), (80, 80), (200, 90)])
async def test_nothing_is_wider_than_the_terminal_or_cut_off(
    session: Session, width: int, widest: int
) -> None:
    session.width = width
    shown = await session.types(ASKED, HALF_SURE, "/list", "/help", "2", "9", "/x", "/quit")

    assert widest >= max(map(columns, shown.split("\n")))
    assert "…" not in shown
    assert "山田花子先生「コーパスの作り方」" in "".join(shown.split())


async def test_the_further_lines_of_a_candidate_stand_below_its_words(session: Session) -> None:
    session.width = 40
    lines = (await session.types(HALF_SURE, "/quit")).split("\n")

    at = next(number for number, line in enumerate(lines) if line.startswith("1"))
    assert lines[at + 1].startswith("   ")
    assert lines[at + 1][3] != " "
