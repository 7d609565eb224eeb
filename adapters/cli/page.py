"""The page of ``faqbot report``: HTML that needs no network, no script and no other file."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Literal

from adapters.cli.markup import chart, counts, table
from adapters.cli.past import Past, local
from adapters.console.render import title
from bot.desk.browsing import by_talk
from bot.desk.wording import Wording, load, shorten
from bot.evaluation.unanswered import Open
from bot.evaluation.usage import Use

LONGEST = 600
"""As much of a member's question as is shown."""

ENTRY = 80
"""As much of an entry's question as tells it from the others."""

PAGE = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def page(past: Past, days: int | None, locale: Literal["ja", "en"]) -> str:
    """Return the whole page.

    Args:
        past: What it shows.
        days: How many days it looks back; None: to the beginning.
        locale: Its language.
    """
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    drawing = _Drawing(past, locale)
    body = "\n".join(drawing.body(days))
    return PAGE.format(lang=locale, title=drawing.say("page.title"), style=style, body=body)


class _Drawing:
    """Draws the page's parts; every text passes ``say`` or ``escape``."""

    def __init__(self, past: Past, locale: Literal["ja", "en"]) -> None:
        self._past = past
        self._texts = load(locale, "report.")
        self._wording = Wording(locale)

    def say(self, key: str, **values: object) -> str:
        return escape(self._texts[key].format(**values))

    def body(self, days: int | None) -> Iterator[str]:
        now, first = datetime.now().astimezone(), self._past.usage.first
        yield f"<header>\n<h1>{self.say('page.title')}</h1>"
        if days is not None:
            yield f"<p>{self.say('page.days', days=days)}</p>"
        elif first:
            span = {"since": self._date(first), "until": self._date(now)}
            yield f"<p>{self.say('page.first', **span)}</p>"
        yield f'<p class="soft">{self.say("page.made", day=self._date(now), time=f"{now:%H:%M}")}'
        yield f"<br>{self.say('page.privacy')}</p>\n<nav>"
        for name in ("figures", "entries", "open"):
            yield f'<a href="#{name}">{self.say(f"{name}.heading")}</a>'
        yield "</nav>\n</header>\n<main>"
        yield f'<h2 id="figures">{self.say("figures.heading")}</h2>'
        if first:
            yield from self._figures()
            yield from self._periods()
        else:
            yield f"<p>{self.say('page.nothing')}</p>"
        yield from self._entries()
        yield from self._open()
        yield "</main>"

    def _figures(self) -> Iterator[str]:
        usage = self._past.usage
        fates, of = usage.fates, usage.searched
        figures = {
            "asked": self.say("figures.count", n=usage.asked),
            "shown": _share(fates["answered"] + fates["taken"], of),
            "open": self.say("figures.count", n=len(self._past.open)),
            **{vote: self.say("figures.times", n=times) for vote, times in usage.votes.items()},
        }
        yield '<dl class="figures">'
        for name, figure in figures.items():
            yield f"<div><dt>{self.say(f'figures.{name}')}</dt><dd>{figure}</dd></div>"
        yield f"</dl>\n<h3>{self.say('fates.heading')}</h3>"
        rows = [(self.say(f"fates.{name}"), (n, _share(n, of)), n) for name, n in fates.items()]
        yield counts(self._say("open.result", "figures.asked", "fates.share"), rows, of)
        yield f'<p class="soft">{self.say("fates.note", n=of)}'
        if usage.escalated:
            yield f"<br>{self.say('fates.escalated', n=usage.escalated)}"
        others = [self._texts[f"fates.{o}"].format(n=n) for o, n in usage.unsearched.items()]
        if others:
            listed = self._wording.say("answer.comma").join(others)
            yield f"<br>{self.say('fates.others', list=listed)}"
        yield f"</p>\n<h3>{self.say('platforms.heading')}</h3>"
        head = self._say("platforms.name", "figures.asked", "fates.share")
        platforms = usage.platforms.items()
        named = [(_platform(name), (n, _share(n, usage.asked)), n) for name, n in platforms]
        yield counts(head, named, usage.asked)

    def _periods(self) -> Iterator[str]:
        usage = self._past.usage
        name = self.say(f"time.{usage.by}")
        periods = [(self._date(each.start), each.asked, each.answered) for each in usage.periods]
        most = max(asked for _, asked, _ in periods)
        yield f"<h3>{name}</h3>\n<figure>{chart(name, periods)}"
        yield f'<div class="ends soft"><span>{periods[0][0]}</span><span>{periods[-1][0]}</span>'
        yield f'</div><figcaption class="soft">{self.say("time.legend", n=most)}</figcaption>'
        yield f"</figure>\n<details><summary>{self.say('time.table')}</summary>"
        head = self._say(f"time.by_{usage.by}", "figures.asked", "time.answered")
        yield counts(head, [(day, (n, dark), n) for day, n, dark in periods], most)
        yield "</details>"

    def _entries(self) -> Iterator[str]:
        yield f'<h2 id="entries">{self.say("entries.heading")}</h2>'
        yield f'<p class="soft">{self.say("entries.note")}</p>'
        uses = {use.entry: use for use in self._past.usage.entries}
        most = max((use.shown for use in uses.values()), default=0)
        for group in by_talk(self._past.entries):
            name = title(self._wording.lecturer(group[0]), group[0].talk)
            yield f"<h3>{escape(name) or self.say('entries.unsigned')}</h3>"
            yield self._uses([uses.pop(entry.id) for entry in group], most)
        if uses:
            yield f"<h3>{self.say('entries.gone')}</h3>"
            yield self._uses(list(uses.values()), most)

    def _uses(self, uses: Sequence[Use], most: int) -> str:
        never = f'<br><span class="never">{self.say("entries.never")}</span>'
        rows = [
            (
                self._entry(use.entry) + (never if use.never else ""),
                (use.shown, use.useful, use.wrong),
                use.shown,
            )
            for use in uses
        ]
        keys = ("entries.question", "entries.shown", "figures.useful", "figures.wrong")
        return counts(self._say(*keys), rows, most)

    def _open(self) -> Iterator[str]:
        yield f'<h2 id="open">{self.say("open.heading")}</h2>'
        if not self._past.open:
            yield f"<p>{self.say('open.none')}</p>"
            return
        yield f'<p class="soft">{self.say("open.note")}</p>'
        keys = ("entries.question", "open.asked", "open.result", "open.nearest", "open.lecturers")
        yield table(self._say(*keys), map(self._cells, self._past.open))

    def _cells(self, question: Open) -> Sequence[str]:
        words, near = question.question, question.nearest
        often = f' <span class="badge">{self.say("open.times", n=question.times)}</span>'
        return (
            (self.say("open.gone") if words is None else escape(shorten(words, LONGEST)))
            + (often if question.times > 1 else ""),
            self._date(local(question.at))
            + f' <span class="id">{", ".join(map(_platform, question.platforms))}</span>',
            "<br>".join(self.say(f"open.{fate.name.lower()}") for fate in question.fates),
            self._entry(near.entry, f" ({near.confidence:.2f})") if near else "",
            self.say("open.sent") if question.escalated else "",
        )

    def _entry(self, id_: str, more: str = "") -> str:
        question = self._past.questions.get(id_)
        about = f"{escape(shorten(question, ENTRY))}<br>" if question else ""
        return f'{about}<span class="id">{escape(id_ + more)}</span>'

    def _say(self, *keys: str) -> Sequence[str]:
        return [self.say(key) for key in keys]

    def _date(self, day: date) -> str:
        return self.say("page.date", year=day.year, month=day.month, day=day.day)


def _platform(name: str) -> str:
    return escape(name.capitalize())


def _share(n: int, of: int) -> str:
    return f"{n / of:.0%}" if of else "–"
