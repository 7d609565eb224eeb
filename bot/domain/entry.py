"""An entry: one question with one lecturer's answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with one lecturer's answer.

    Attributes:
        id: Stable and unique within the FAQ, such as ``kawahara-1``.
        lecturer: The lecturer's name, without 先生.
        talk: Title of the lecture the entry belongs to; empty where unknown.
        question: The question as the audience put it.
        answer: The lecturer's words, verbatim; paragraphs are separated by an empty line.
        variants: Other wordings of the question.
        links: Addresses (http, https, mailto) that belong to the answer.
        source: Where the entry comes from, as the organisers put it.
        updated: Date of the last change, ISO 8601; empty where unknown.
    """

    id: str
    lecturer: str
    talk: str
    question: str
    answer: str
    variants: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    source: str = ""
    updated: str = ""

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question and its variants, in that order."""
        return (self.question, *self.variants)
