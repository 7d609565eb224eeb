"""What members read: every reply as a card, in words from ``{ja,en}.toml``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, assert_never

from bot.domain.card import (
    Button,
    Card,
    Credit,
    Field,
    Link,
    Pages,
    Part,
    Quote,
    Say,
    Sheet,
    Small,
    Talk,
    argument,
)
from bot.domain.entry import Entry, by_talk, examples
from bot.domain.inbound import QUESTION, Action
from bot.domain.links import addresses
from bot.domain.retrieval import (
    Answer,
    Decline,
    Help,
    Hit,
    Match,
    Reply,
    Silence,
    Suggestions,
    Topic,
    Via,
)
from bot.domain.text import one_line, shortened
from bot.texts import read

_NO_TEACHER = re.compile(
    r"(?:窓口|[課係局班店社]|センター|チーム|グループ|デスク|スタッフ|事務所|研究所|図書館|(?:委員|協|学)会"
    r"|..(?<!長谷)(?<!日下)[部室]|担当者?|運営|[課部係店館会園院所社校]長|主任|代表|さん|様|氏|教授|博士"
    r"|講師|教師|看護師|保健師|薬剤師|司書|栄養士|保育士|弁護士|税理士|監督|コーチ|トレーナー"
    r"|インストラクター|アドバイザー|マネージャー|リーダー)$"
    # What alone names an office or a house; 所, 館, 園 and 場 by themselves also end a surname.
    r"|(?:受付|案内|会計|総務|庶務|人事|広報|営業|経理|教務|学務|警備|実行委員|組合|[農生]協|連盟|財団"
    r"|役場|[市区町村]役所|(?:保健|営業|診療)所|病院|医院|学[院園]|[学高]校|大学院?|(?:保育|幼稚|動物|植物|公)園"
    r"|(?:体育|公民|会|博物|美術|水族)館|(?:自治|町内|保護者|同窓)会"
    r"|(?:^|[一-龠])(?:プール|ホール|プラザ|クラブ)|サポート|サービス|システム|ボランティア"
    r"|員|医師|師長|理事長|事務局長|[市区町]長|管理人|世話人|幹事|助教)$"
    r"|^(?:株式|有限|合同)会社\S*$|法人\S*$"
    # 事務局 鈴木; of an institute or a centre before a name it is a lecturer's.
    r"|(?:事務[局所]|窓口|受付|[課係班]|デスク|スタッフ|運営|担当者?|実行委員会?)\s"
)
"""How a name reads that 先生 doesn't go with: an office's, or one with another title."""

MAX_TALKS = 20
"""So many talks are named where somebody asks what there is."""

CANDIDATE_LIMIT = 120
"""As much of a candidate's question as tells it from the others; the answer comes whole."""


class Wording:
    """The words of one locale. Pure: the same reply gives the same card."""

    def __init__(self, locale: Literal["ja", "en"] = "ja") -> None:
        self._texts = read(Path(__file__).with_name(f"{locale}.toml"))

    def say(self, key: str, **values: str) -> str:
        """Return the text at ``key``, such as ``error.not_saved``, with its placeholders filled."""
        return self._texts[key].format(**values)

    def reply(
        self,
        reply: Reply,
        ask: str,
        *,
        entries: Sequence[Entry] = (),
        platform: str = "",
        private: bool = False,
        cut: bool = False,
    ) -> Card | None:
        """Put a reply into words.

        Args:
            reply: What is meant.
            ask: The ask that the buttons belong to.
            entries: The FAQ, for the help: what there is to ask.
            platform: Where it is said, for the help: how to browse there.
            private: Only the asker sees the card, so they may share it.
            cut: The end of the question was left out of the search; the card says so.

        Returns:
            The card; None where the bot keeps silent.
        """
        match reply:
            case Answer(hits):
                card = self.answer(hits, ask, private=private)
            case Suggestions(hits):
                card = self.suggestions(hits, ask)
            case Decline():
                card = self._to_lecturer("decline.text", ask)
            case Help():
                card = self.help(reply, ask, entries, platform)
            case Silence():
                return None
            case _:
                assert_never(reply)
        if cut:
            card = replace(card, parts=(*card.parts, Small(self.say("answer.cut"))))
        return card

    def answer(
        self, hits: tuple[Hit, ...], ask: str, *, private: bool = False, at: int = 0
    ) -> Card:
        """Show the lecturers' words for one hit, or for each question of the message.

        Args:
            hits: What is shown, in order.
            ask: The ask that the buttons belong to.
            private: Only the asker sees the card, so they may share it.
            at: Position of the first hit among the ask's candidates; travels with the buttons.
        """
        parts: list[Part] = []
        for hit in hits:
            if len(hits) > 1:
                parts.append(Say(self.say("answer.question", question=hit.entry.question)))
            parts += self._words(hit.entry)
        matched = self._matched(tuple(match for hit in hits for match in hit.matches))
        if matched:
            parts.append(Small(matched))
        actions = (Action.USEFUL, Action.WRONG, *((Action.SHARE,) if private else ()))
        positions = argument(at, len(hits))
        return Card(tuple(parts), tuple(self.button(each, ask, positions) for each in actions))

    def entry(self, entry: Entry) -> Card:
        """Show one entry, question first, where nobody asked: browsing, or a shared answer."""
        question = Say(self.say("answer.question", question=entry.question))
        return Card((question, *self._words(entry)))

    def shared(self, hits: tuple[Hit, ...], ask: str, positions: str) -> Card:
        """Show a private answer to everybody: with the FAQ's question, not the asker's words."""
        parts = tuple(part for hit in hits for part in self.entry(hit.entry).parts)
        votes = (Action.USEFUL, Action.WRONG)
        return Card(parts, tuple(self.button(vote, ask, positions) for vote in votes))

    def suggestions(self, hits: tuple[Hit, ...], ask: str, *, intro: str = "", at: int = 0) -> Card:
        """Offer candidates, a button for each and one for none of them.

        Args:
            hits: At least one.
            ask: The ask that the buttons belong to.
            intro: What is said above them; the usual question where it is empty.
            at: Position of the first hit among the ask's candidates.
        """
        intro = intro or self.say("suggestions.several" if len(hits) > 1 else "suggestions.one")
        lines = []
        buttons = []
        for number, hit in enumerate(hits, start=1):
            question = one_line(hit.entry.question, CANDIDATE_LIMIT)
            values = {"number": str(number), "question": question}
            lecturer = self.lecturer(hit.entry)
            lines.append(
                self.say("suggestions.item", lecturer=lecturer, **values)
                if lecturer
                else self.say("suggestions.item_without_lecturer", **values)
            )
            buttons.append(Button(str(number), Action.CHOOSE, ask, str(at + number - 1)))
        buttons.append(self.button(Action.NONE_OF_THESE, ask))
        return Card((Say(intro), Say("\n".join(lines))), tuple(buttons))

    def next_suggestions(
        self, hits: tuple[Hit, ...], ask: str, *, at: int, wrong: str, retractable: bool
    ) -> Card:
        """Offer what comes next to the asker who got a wrong answer.

        Args:
            hits: The next candidates; none are left where it is empty.
            ask: The ask that the buttons belong to.
            at: Position of the first hit among the ask's candidates.
            wrong: The argument of the wrong answer's buttons.
            retractable: Others see that answer, so the asker may take it back.
        """
        if hits:
            card = self.suggestions(hits, ask, intro=self.say("suggestions.next"), at=at)
        else:
            card = self._to_lecturer("decline.last", ask)
        if retractable:
            retract = self.button(Action.RETRACT, ask, wrong)
            card = replace(card, buttons=(*card.buttons, retract))
        return card

    def none_of_these(self, ask: str) -> Card:
        """Offer to ask the lecturers after no candidate fitted."""
        return self._to_lecturer("decline.none", ask)

    def help(self, help_: Help, ask: str, entries: Sequence[Entry], platform: str) -> Card:
        """Say how to ask, or whatever fits what was said to the bot itself."""
        topic, hits = help_.topic, help_.hits
        if topic in (Topic.THANKS, Topic.NOTED):
            return self.line(f"help.{topic}")
        card = Card(())
        intro = ""
        match topic:
            case Topic.ENTRIES:
                names = dict.fromkeys(self.lecturer(hit.entry) for hit in hits)
                intro = self.say("help.entries", lecturer=self.say("answer.comma").join(names))
            case Topic.LIST:
                count = self.say("help.list", count=str(len(entries)))
                talks = "\n".join(self._talks(entries))
                card = Card((Say(count), *((Say(talks),) if talks else ())))
            case Topic.MORE | Topic.WRONG | Topic.ASK_LECTURER if platform == "cli":
                card = self.line(f"cli.{topic}")  # there are no buttons
            case Topic.MORE | Topic.WRONG:
                labels = {"wrong": self.say("label.wrong"), "lecturer": self.say("label.lecturer")}
                card = self._to_lecturer(f"help.{topic}", ask, **labels)
            case Topic.ASK_LECTURER:
                card = self.none_of_these(ask)
            case Topic.ASKING | Topic.GREETING:
                lines = [self.say("help.example", question=each) for each in examples(entries)]
                shown = self.say("help.examples", examples="\n".join(lines))
                card = Card((Say(self.say(f"help.{topic}")), *((Say(shown),) if lines else ())))
        near = self.suggestions(hits, ask, intro=intro) if hits else Card(())
        browse = self._texts.get(f"browse.{platform}")
        where = (Small(browse),) if browse else ()
        return Card((*card.parts, *near.parts, *where), (*card.buttons, *near.buttons))

    def line(self, key: str, **values: str) -> Card:
        """Say one sentence, without buttons."""
        return Card((Say(self.say(key, **values)),))

    def not_posted(self, question: str, address: str | None) -> Card:
        """Say that an answer couldn't be posted, where it was asked and what."""
        parts: list[Part] = [Say(self.say("error.not_posted"))]
        if question:
            words = shortened(question, CANDIDATE_LIMIT)
            parts.append(Small(self.say("error.not_posted_asked", question=words)))
        if address:
            parts.append(Link(self.say("error.not_posted_to"), address))
        return Card(tuple(parts))

    def search_again(self, ask: str) -> Card:
        """Offer to search with the new words of an edited question."""
        return Card((Say(self.say("edited.offer")),), (self.button(Action.SEARCH_AGAIN, ask),))

    def form(self, about: str, text: str) -> Sheet:
        """Return the form that asks the lecturers, with the question filled in."""
        say = self.say
        words = Field(QUESTION, say("escalation.label"), say("escalation.hint"), text, lines=True)
        return Sheet(
            say("escalation.title"),
            say("escalation.close"),
            say("escalation.submit"),
            about=about,
            fields=(words,),
        )

    def sheet(self, entry: Entry | None) -> Sheet:
        """Show one entry that was chosen from the list; None: it is no more."""
        card = self.line("answer.gone") if entry is None else self.entry(entry)
        return Sheet(self.say("home.title"), self.say("home.close"), parts=card.parts)

    def privacy(self) -> Sheet:
        """Ask who wants their data deleted whether they mean it."""
        say = self.say
        parts = (Say(say("privacy.text")),)
        return Sheet(
            say("privacy.title"), say("escalation.close"), say("privacy.submit"), parts=parts
        )

    def pages(self, entries: Sequence[Entry], number: int) -> Pages:
        """Show a page of the list; for one that doesn't exist, the nearest that does.

        A talk that goes on overleaf has its heading there again.
        """
        pages: list[list[Talk]] = [[]]
        talks = by_talk(entries)
        for group in talks:
            lecturer, at = self.lecturer(group[0]), 0
            if not lecturer and not group[0].talk and len(talks) > 1:
                # Without a heading they would seem to go on with the talk above.
                lecturer = self.say("help.untitled")
            while at < len(group):
                room = Pages.ENTRIES - sum(len(talk.entries) for talk in pages[-1])
                if not room or len(pages[-1]) == Pages.TALKS:
                    pages.append([])
                    room = Pages.ENTRIES
                some = group[at : at + room]
                pages[-1].append(Talk(some[0].talk, lecturer, some, at))
                at += len(some)
        number = min(max(number, 0), len(pages) - 1)
        words = (self.say(f"home.{key}") for key in ("intro", "open", "previous", "next"))
        intro, open_, previous, next_ = words
        return Pages(intro, tuple(pages[number]), number, len(pages), open_, previous, next_)

    def lecturer(self, entry: Entry) -> str:
        """Return the lecturer's name as members read it; empty where unknown."""
        name = entry.lecturer
        if not name or _NO_TEACHER.search(name):
            return name
        return self.say("answer.lecturer", name=name)

    def _words(self, entry: Entry) -> tuple[Part, ...]:
        said = addresses(entry.answer)
        links = tuple(
            link
            for link in entry.links
            if link not in said
            and not (link.startswith("mailto:") and link.removeprefix("mailto:") in entry.answer)
        )
        credit = Credit(self.lecturer(entry), entry.talk, links)
        known = credit.lecturer or credit.talk or credit.links
        return (Quote(entry.answer), credit) if known else (Quote(entry.answer),)

    def _matched(self, matches: tuple[Match, ...]) -> str:
        if matches and all(match.via is Via.MEANING for match in matches):
            return self.say("answer.meaning")
        words = dict.fromkeys(
            self.say(f"answer.{match.via.value}", query=match.query, entry=match.entry)
            if match.via in (Via.SYNONYM, Via.READING)
            else match.query
            for match in matches
            if match.via is not Via.MEANING
        )
        return (
            self.say("answer.matched", words=self.say("answer.comma").join(words)) if words else ""
        )

    def _talks(self, entries: Sequence[Entry]) -> Iterator[str]:
        """Name the talks, whose they are, and how many questions each has, if there are any."""
        talks = by_talk(entries)
        if len(talks) == 1 and not (talks[0][0].talk or talks[0][0].lecturer):
            return
        for talk in talks[:MAX_TALKS]:
            title = self.say("help.title", talk=talk[0].talk) if talk[0].talk else ""
            whose = f"{self.lecturer(talk[0])}{title}" or self.say("help.untitled")
            yield self.say("help.talk", talk=whose, count=str(len(talk)))
        if more := sum(map(len, talks[MAX_TALKS:])):
            yield self.say("help.more_talks", count=str(more))

    def _to_lecturer(self, key: str, ask: str, **values: str) -> Card:
        return Card((Say(self.say(key, **values)),), (self.button(Action.ASK_LECTURER, ask),))

    def button(self, action: Action, about: str, argument: str = "") -> Button:
        """Return the button of an action, with the label it has everywhere."""
        return Button(self.say(f"label.{action.value}"), action, about, argument)
