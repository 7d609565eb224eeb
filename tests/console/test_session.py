"""A whole session with the real line editor, typed through a pipe."""

import io
from pathlib import Path

from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from adapters.console.app import serve
from adapters.console.outbound import Terminal
from bot.bootstrap import build
from bot.settings import CoreSettings
from tests.fakes.faq import FAQ
from tests.fakes.search import PairSearch


async def test_a_person_asks_rates_lists_and_leaves(tmp_path: Path) -> None:
    desk = build(PairSearch(FAQ), CoreSettings(database_url=f"sqlite:///{tmp_path / 'faqbot.db'}"))
    screen = io.StringIO()
    terminal = Terminal(Console(file=screen, width=80))
    with (
        create_pipe_input() as typed,
        create_app_session(input=typed, output=DummyOutput()),
    ):
        typed.send_text("合成データは使っていますか\r+\r/help\r/list\r円周率とは\r!\r\r\x04")
        await serve(desk, tmp_path / "var" / "history", terminal)
    desk.close()

    shown = screen.getvalue()
    assert "山田 花子 先生「コーパスの作り方」" in shown
    assert "*品質* の <確認> には @everyone も" in shown
    assert "評価をありがとうございます。" in shown
    assert "FAQ に見つかりませんでした。" in shown
    assert "質問を保存しました。" in shown
    assert "ハルシネーションはどのように評価しますか。" in shown
    history = (tmp_path / "var" / "history").read_text(encoding="utf-8")
    assert "合成データは使っていますか" in history
