"""How fast Slack's events are acknowledged: the bot as a process, against a Slack on loopback.

    python -m benchmarks.slack_ack [--mode socket|http] [--rate 100] [--seconds 20] [--import 2000]

With --import, so many entries are imported meanwhile, and the bot takes them in. Every mention
arrives twice, as Slack sends it. An acknowledgement means that the question is on disk. The table
holds milliseconds; the last line says whether every mention was answered once.
"""

import argparse
import asyncio
import shutil
import signal
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fakes.faq import FAQ
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_api import BOT
from tests.platforms.command import DATA, end, healthy, start
from tests.platforms.test_web import free_port


async def measure(mode: str, rate: float, seconds: float, imported: int) -> None:
    """Send mentions at an even rate, and print how long each waited."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(shutil.copytree(DATA, Path(folder, "data")))
        async with FakeSlack(mode=mode) as fake:
            fake.port_of_bot = free_port()
            fake.bot_url = f"http://127.0.0.1:{fake.port_of_bot}/slack/events"
            process = await start(fake, Path(folder), data)
            await healthy(fake)
            asking = []
            loop = asyncio.get_running_loop()
            began = loop.time()
            importing = loop.create_task(import_entries(imported, data)) if imported else None
            for number in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
                text = f"<@{BOT}> {FAQ[number % len(FAQ)].question}"
                # Within the limits on one member and one channel.
                user, channel = f"U0MEMBER{number}", f"C0ROOM{number % 50}"
                asking.append(asyncio.create_task(fake.says(user, text, channel=channel)))
            questions = await asyncio.gather(*asking)
            if importing is not None:
                await importing
            waits = sorted(each.seconds * 1000 for each in fake.delivered if each.acked)
            channels = {said.channel for said in questions}

            def replies() -> Counter[str | None]:
                return Counter(r.thread for c in channels for r in fake.replies(channel=c))

            await fake.until(lambda: len(replies()) == len(questions), 120)
            await end(process, signal.SIGTERM)
            print(f"{mode}: {len(questions)} mentions, {len(waits)} events, {rate:.0f} mentions/s")
            quantiles = statistics.quantiles(waits, n=1000)
            print("   p50    p95    p99  p99.9    max")
            shown = (quantiles[499], quantiles[949], quantiles[989], quantiles[998], waits[-1])
            print(" ".join(f"{each:6.1f}" for each in shown))
            once = sum(count == 1 for count in replies().values())
            print(f"acknowledged {len(waits)} of {len(fake.delivered)}; answered once: {once}")


async def import_entries(count: int, data: Path) -> None:
    """Import so many entries into the data folder, by a process of its own."""
    rows = ["id\tlecturer\tquestion\tanswer"]
    rows += [
        f"more-{n}\t山田 花子\t話題 {n} の評価方法は何ですか\t回答 {n} です。" for n in range(count)
    ]
    table = data.parent / "more.tsv"
    table.write_text("\n".join(rows), encoding="utf-8")
    faqbot = Path(sys.executable).with_name("faqbot")
    process = await asyncio.create_subprocess_exec(
        faqbot, "import", table, "--data", data, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=("socket", "http"), default="socket")
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--import", type=int, default=0, dest="imported", metavar="ENTRIES")
    given = parser.parse_args()
    asyncio.run(measure(given.mode, given.rate, given.seconds, given.imported))


if __name__ == "__main__":
    main()
