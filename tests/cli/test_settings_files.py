"""``.env`` and ``faqbot.toml`` as people leave them: nothing in them is passed over in silence."""

from pathlib import Path

import pytest

from tests.cli.conftest import Faqbot
from tests.cli.test_bad_input import one_line


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("SLACK_BOT_TOKEN: xoxb-1-marker\n", 1),
        ("\n# トークン\n\nSLACK_BOT_TOKEN:xoxb-1-marker\n", 4),
        ("FAQBOT_LOCALE='en\nFAQBOT_DATA=data\n", 1),
        ("FAQBOT_LOCALE=en\r\n\r\nSLACK BOT TOKEN=xoxb-1-marker\r\n", 3),
    ],
)
def test_a_line_of_dotenv_that_says_nothing_is_named_and_not_shown(
    faqbot: Faqbot, tmp_path: Path, written: str, line: int
) -> None:
    (tmp_path / ".env").write_text(written, encoding="utf-8", newline="")

    done = faqbot("ask", "LLM", FAQBOT_LOCALE="ja")

    assert (2, "") == (done.returncode, done.stdout)
    assert f".env:{line}: 設定として読めません。" in done.stderr
    assert "marker" not in done.stderr


@pytest.mark.fault(81)
@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("locale = en\n", "faqbot.toml:1: 設定として読めません。"),
        ('data = "data"\n\nlocale = "ja', "faqbot.toml:3: 設定として読めません。"),
        ('locale = "ja"\nlocale = "en"\n', "faqbot.toml:2: 設定として読めません。"),
        ('FAQBOT_LOCALE = "ja"\n', "FAQBOT_LOCALE という設定はありません。locale の間違い"),
        ("[policy]\nFAQBOT_POLICY__STRICTNESS = 1\n", "policy.strictness の間違い"),
        ("[policy]\nstrict = 0.5\n", "faqbot.toml: policy.strict"),
        ('data = ""\n', "faqbot.toml: data が空です。"),
        ("data = 3\n", "faqbot.toml: data: 文字列で書いてください。"),
        ("[learning]\nreview = true\n", "review: true は選べません。選べるのは any, other です"),
        ("[policy]\nstrictness = true\n", "strictness: 0.0 から 1.0 までの数を書いて"),
        ("[slack]\nwatch = 5\n", '["C0123", "C0456"] のような JSON のリストで'),
        ('[discord]\nshards = ["a"]\n', "[0, 1] のような JSON のリストで"),
        ('[discord]\nshard_count = "two"\n', "shard_count: 数を書いてください。"),
    ],
)
def test_a_setting_in_toml_that_is_none_is_said_in_japanese(
    faqbot: Faqbot, tmp_path: Path, written: str, says: str
) -> None:
    (tmp_path / "faqbot.toml").write_text(written, encoding="utf-8")

    done = faqbot("run", FAQBOT_DATA="")

    assert 2 == done.returncode
    assert says in one_line(done.stderr)


@pytest.mark.fault(81)
@pytest.mark.parametrize("name", [".env", "faqbot.toml"])
@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("FAQBOT_LOCALE=en\n".encode("utf-16"), "文字コードが UTF-8 ではありません"),
        ("# 設定\n".encode("cp932"), "文字コードが UTF-8 ではありません"),
        (None, "フォルダです"),  # what a container's runtime makes of a file that isn't there
    ],
)
def test_a_file_of_settings_that_cannot_be_read_is_one_line_and_doctor_goes_on(
    faqbot: Faqbot, tmp_path: Path, name: str, data: bytes | None, why: str
) -> None:
    (tmp_path / name).mkdir() if data is None else (tmp_path / name).write_bytes(data)
    says = f"{name} を読めません（{why}）。ファイルであること、持ち主と権限を確かめ、"

    done = faqbot("ask", "LLM")
    looked = faqbot("doctor", "--offline", FAQBOT_HTTP__PORT="0")

    assert (2, "") == (done.returncode, done.stdout)
    assert says in one_line(done.stderr)
    assert (1, "") == (looked.returncode, looked.stderr)
    assert f"FAIL settings: {says}" in looked.stdout
    assert "ok   faq: " in looked.stdout


def test_how_a_command_is_used_can_be_read_whatever_the_settings_are(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    (tmp_path / "faqbot.toml").write_text("locale = en\n", encoding="utf-8")

    done = faqbot("ask", "--help")

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("Usage: faqbot ask")
