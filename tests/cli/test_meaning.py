"""Searching by meaning, as a process: what it finds, what it keeps, and that nobody waits."""

import asyncio
import json
import stat
from pathlib import Path

import aiohttp

from tests.cli.conftest import Faqbot
from tests.fakes.slack import FakeSlack
from tests.platforms.command import healthy, start
from tests.platforms.test_web import free_port

FAQ = "\n".join(
    (
        "id\tlecturer\tquestion\tanswer",
        "lunch-1\t事務局\t昼食はどうすればよいですか。\t会場でお弁当をお渡しします。",
        "fee-1\t事務局\t参加費はいつ払いますか。\t受付でお支払いください。",
        "map-1\t事務局\t会場までの道順を教えてください。\t駅から歩いて五分です。",
        "",
    )
)
HUNGRY = "お腹が空いたら食べ物はありますか"


def ask(faqbot: Faqbot, **settings: str) -> dict[str, object]:
    done = faqbot("ask", "--json", HUNGRY, FAQBOT_DATA="faq.tsv", **settings)
    assert (0, "") == (done.returncode, done.stderr)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_what_means_the_same_is_found_unless_meaning_is_left_out(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    (tmp_path / "faq.tsv").write_text(FAQ, encoding="utf-8")
    assert [] == ask(faqbot)["hits"]
    assert ["search.cache"] == [path.name for path in (tmp_path / "var").iterdir()]

    first, later = (ask(faqbot, FAQBOT_SEARCH__MEANING="on") for _ in range(2))

    assert "lunch-1" == first["hits"][0]["id"]  # type: ignore[index]
    assert ["meaning"] == [match["via"] for match in first["matched"]]  # type: ignore[index, attr-defined]
    assert first == later
    kept = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var").iterdir()}
    assert {".cache": 0o600, ".bin": 0o600} == kept


def test_another_faq_is_searched_by_meaning_and_leaves_nothing_behind(
    faqbot: Faqbot, tmp_path: Path
) -> None:
    (tmp_path / "faq.tsv").write_text(FAQ, encoding="utf-8")
    done = faqbot(
        "ask", "--json", "--data", "faq.tsv", HUNGRY, FAQBOT_DATA="", FAQBOT_SEARCH__MEANING="on"
    )
    assert "lunch-1" == json.loads(done.stdout)["hits"][0]["id"]
    assert ["faq.tsv"] == [path.name for path in tmp_path.iterdir()]


def test_a_wrong_value_names_the_two_that_there_are(faqbot: Faqbot) -> None:
    done = faqbot("ask", "合成データ", FAQBOT_SEARCH__MEANING="yes")
    assert 2 == done.returncode
    assert "FAQBOT_SEARCH__MEANING" in done.stderr
    assert "on" in done.stderr
    assert "off" in done.stderr


async def test_a_served_bot_says_that_meaning_is_loading_and_answers_meanwhile(
    tmp_path: Path,
) -> None:
    data = tmp_path / "faq.tsv"
    data.write_text(FAQ, encoding="utf-8")
    seen: list[str] = []
    async with FakeSlack(mode="socket") as fake:
        fake.port_of_bot = free_port()
        process = await start(fake, tmp_path, data, FAQBOT_SEARCH__MEANING="on")
        try:
            await healthy(fake)
            url = f"http://127.0.0.1:{fake.port_of_bot}/healthz"
            async with asyncio.timeout(60), aiohttp.ClientSession() as session:
                while "ok" not in seen:
                    async with session.get(url) as response:
                        assert 200 == response.status
                        parts = (await response.json())["parts"]
                    seen.append(next(p["message"] or "ok" for p in parts if p["name"] == "meaning"))
        finally:
            process.terminate()
            await process.wait()
    assert {"loading", "ok"} >= set(seen)
    assert "ok" == seen[-1]
