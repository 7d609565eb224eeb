"""A small FAQ with made-up lecturers, and hits from it."""

from dataclasses import replace

from bot.domain.ask import Draft, DraftKind
from bot.domain.entry import Entry
from bot.domain.retrieval import Hit, Match
from bot.store import reading

CURRICULUM = Entry(
    id="yamada-1",
    lecturer="山田 花子",
    talk="コーパスの作り方",
    question="カリキュラム学習は検討していますか。",
    answer="有望であり、検証を続けています。\n\n結果は https://example.org/report で公開します。",
    links=("https://example.org/report", "https://example.org/slides"),
)
SYNTHETIC = Entry(
    id="yamada-2",
    lecturer="山田 花子",
    talk="コーパスの作り方",
    question="合成データは使っていますか。",
    answer="使っています。*品質* の <確認> には @everyone も参加できます。",
)
HALLUCINATION = Entry(
    id="sato-1",
    lecturer="佐藤 一郎",
    talk="大規模言語モデルの評価",
    question="ハルシネーションはどのように評価しますか。",
    answer="事実と照らし合わせて評価します。",
)
BENCHMARK = Entry(
    id="sato-2",
    lecturer="佐藤 一郎",
    talk="大規模言語モデルの評価",
    question="評価のベンチマークはどのように選びますか。",
    answer="目的に合わせて選びます。" + "課題ごとに、測れることと測れないことがあります。" * 200,
)
FAQ = (CURRICULUM, SYNTHETIC, HALLUCINATION, BENCHMARK)


def hit(entry: Entry, confidence: float = 0.9, *matches: Match) -> Hit:
    """Return a hit as search would."""
    return Hit(entry, score=10 * confidence, confidence=confidence, matches=matches)


def published(url: str) -> tuple[Draft, ...]:
    """Return what lecturers' answers became, from a store."""
    with reading(url) as tx:
        return tx.drafts.published() if tx else ()


def with_published(url: str) -> tuple[Entry, ...]:
    """Return the FAQ and what was published in chat, as a process searches it."""
    entries = {each.id: each for each in FAQ}
    for draft in published(url):
        if draft.kind is DraftKind.ENTRY:
            entries[draft.entry] = draft.as_entry()
        else:
            known = entries[draft.entry]
            entries[draft.entry] = replace(known, variants=(*known.variants, draft.question))
    return tuple(entries.values())
